"""Optimizers by name, and their reset."""

import inspect

import keras
import tensorflow as tf

from stylegan_tf.stack import KERAS_3, tf_variable
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
    optimizer = kind(**arguments)
    if hasattr(optimizer, "build"):
        optimizer.build(variables)
    else:
        optimizer._create_all_weights(variables)
    return optimizer


def reset(optimizer) -> None:
    """Sets all state of an optimizer to zero, its step counter included."""
    rate = optimizer.learning_rate
    for variable in state(optimizer):
        if variable is not rate:
            raw = tf_variable(variable)
            raw.assign(tf.zeros_like(raw))


def state(optimizer) -> list:
    """The variables of an optimizer; a method in the classes that Addons builds on."""
    variables = optimizer.variables
    return list(variables() if callable(variables) else variables)


def _find(name: str):
    if name.startswith(ADDONS):
        try:
            import tensorflow_addons as tfa
        except ImportError as error:
            raise ValueError(f"{name} needs the extra: pip install -e '.[addons]'") from error
        kind = getattr(tfa.optimizers, name[len(ADDONS) :], None)
    elif not KERAS_3 and name == "Adam":
        kind = keras.optimizers.Adam
    else:
        kind = getattr(keras.optimizers, name, None)
    if not inspect.isclass(kind):
        raise ValueError(f"there is no optimizer {name!r}; Keras has Adam, RMSprop, SGD and others")
    return kind
