"""Optimizers by name, their reset, and the loss scale of their gradients in float16."""

import inspect

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.messages import did_you_mean
from stylegan_tf.training.config import OptimizerConfig

ADDONS = "tfa>"
START_SCALE = 2.0**15  # this and the next are Keras' (LossScaleOptimizer)
PATIENCE = 2000
MIN_SCALE, MAX_SCALE = 1.0, 2.0**60  # it never reaches 0 or ∞


@keras.saving.register_keras_serializable("stylegan_tf")
class FusedAdam(keras.optimizers.Adam):
    """Keras' Adam, run by TensorFlow's fused kernel: one op for a variable instead of a dozen.

    At low resolutions the networks' variables are many and small, and calling ops costs more than
    what they compute. The step is the classic lr·√(1-β₂ᵗ)/(1-β₁ᵗ)·m/(√v+ε) (Kingma and Ba 2014,
    end of section 2). Keras has no way to choose that kernel, and TensorFlow's optimizers that use
    it are not Keras'.
    """

    def update_step(self, gradient, variable, learning_rate=None):
        """Moves one variable; Keras 2 passes no learning rate."""
        if learning_rate is None:
            learning_rate, index = self.learning_rate, self._index_dict[self._var_key(variable)]
        else:
            index = self._get_variable_index(variable)
        rate = tf.cast(learning_rate, tf.float32)
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=tf_variable(variable).handle,
            m=tf_variable(self._momentums[index]).handle,
            v=tf_variable(self._velocities[index]).handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


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
    classes = inspect.getmembers(keras.optimizers, inspect.isclass)
    known = [name for name, kind in classes if kind is not keras.optimizers.Optimizer]
    return ValueError(f"there is no optimizer {name!r}{did_you_mean(name, known)}")


class LossScale(tf.Module):
    """The factor by which a loss is multiplied before, and its gradients are divided after.

    It keeps gradients in float16 from underflow (Micikevicius et al. 2018, section 3.2): it is
    halved when a gradient is not finite and doubled after 2000 steps in which all were, so that
    they stay just within the range of float16. Make it in the scope of the strategy.

    Keras's `LossScaleOptimizer` scales one loss for one optimizer; here the gradient inside of R1
    needs the scale, too, and an update is left out where one replica's gradient is not finite.

    Attributes:
        value: float32 scalar variable, a power of two.
        good_steps: int64 scalar variable, steps since it changed.
    """

    def __init__(self):
        super().__init__()
        self.value = tf.Variable(START_SCALE, trainable=False, name="value")
        self.good_steps = tf.Variable(0, trainable=False, dtype=tf.int64, name="good_steps")

    @property
    def now(self) -> float:
        """Its value, outside a graph."""
        return float(self.value.numpy())

    def update(self, broken) -> None:
        """Takes note of a step, in cross-replica context.

        Args:
            broken: bool scalar, whether a gradient was not finite on some replica.
        """
        good_steps = tf.where(broken, tf.zeros([], tf.int64), self.good_steps + 1)
        is_time = good_steps >= PATIENCE
        factor = tf.where(broken, 0.5, tf.where(is_time, 2.0, 1.0))
        self.value.assign(tf.clip_by_value(self.value * factor, MIN_SCALE, MAX_SCALE))
        self.good_steps.assign(tf.where(is_time, tf.zeros([], tf.int64), good_steps))
