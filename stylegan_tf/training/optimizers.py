"""Optimizers by name, and their reset."""

import inspect

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.messages import did_you_mean
from stylegan_tf.training.adam import FusedAdam
from stylegan_tf.training.config import OptimizerConfig

ADDONS = "tfa>"


def make(name: str, config: OptimizerConfig, variables):
    """Builds an optimizer for a network's variables.

    Args:
        name: a name that Keras knows, or "tfa>Name" for one of TensorFlow Addons.
        config: Adam's constants; optimizers that know no such argument keep their own.
        variables: the trainable variables.

    Raises:
        ValueError: if there is no optimizer of that name on this stack.
    """
    kind = FusedAdam if name == "Adam" else _find(name)
    known = inspect.signature(kind.__init__).parameters
    constants = {"beta_1": config.beta_1, "beta_2": config.beta_2, "epsilon": config.epsilon}
    arguments = {key: value for key, value in constants.items() if key in known}
    if "optimizer" in known:  # wrappers of another optimizer, such as Lookahead
        arguments["optimizer"] = keras.optimizers.legacy.Adam(**constants)
    try:
        optimizer = kind(**arguments)
    except TypeError as error:  # not to be had without more arguments: abstract ones, wrappers
        raise _unknown(name) from error
    if hasattr(optimizer, "build"):
        optimizer.build(variables)
    else:
        optimizer._create_all_weights(variables)
    return optimizer


def reset(optimizer, name: str, config: OptimizerConfig, variables) -> None:
    """Resets all state of an optimizer but its learning rate.

    Args:
        optimizer: what `make` gave for the other arguments.
        name: as in `make`.
        config: as in `make`.
        variables: as in `make`.
    """
    fresh = make(name, config, variables)  # not all state starts at 0
    rate = optimizer.learning_rate
    for variable, start in zip(state(optimizer), state(fresh), strict=True):
        if variable is not rate:
            tf_variable(variable).assign(tf.convert_to_tensor(tf_variable(start)))


def state(optimizer) -> list:
    """Returns the variables of an optimizer; wrappers of Addons have them only in `weights`."""
    return list(getattr(optimizer, "weights", optimizer.variables))


def _find(name: str):
    if name.startswith(ADDONS):
        try:
            import tensorflow_addons as tfa
        except ImportError as error:
            raise ValueError(f"{name} needs the extra: pip install -e '.[addons]'") from error
        kind = getattr(tfa.optimizers, name[len(ADDONS) :], None)
    else:
        kind = getattr(keras.optimizers, name, None)
    if not inspect.isclass(kind):
        raise _unknown(name)
    return kind


def _unknown(name: str) -> ValueError:
    known = [name for name, kind in vars(keras.optimizers).items() if inspect.isclass(kind)]
    return ValueError(f"there is no optimizer {name!r}{did_you_mean(name, known)}")
