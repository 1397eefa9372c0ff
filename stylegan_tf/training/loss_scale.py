"""Loss scaling, which keeps gradients in float16 from underflow (Micikevicius et al. 2018).

Keras's `LossScaleOptimizer` scales one loss for one optimizer; here the gradient inside of R1 needs
the scale, too, and an update is left out where one replica's gradient is not finite.
"""

import tensorflow as tf

START = 2.0**15  # this and the next are Keras' (LossScaleOptimizer)
PATIENCE = 2000
MIN_SCALE, MAX_SCALE = 1.0, 2.0**60  # it never reaches 0 or ∞


class LossScale(tf.Module):
    """The factor by which a loss is multiplied before, and its gradients are divided after.

    It is halved when a gradient is not finite and doubled after 2000 steps in which all were, so
    that they stay just within the range of float16 ("Mixed Precision Training", section 3.2). Make
    it in the scope of the strategy.

    Attributes:
        value: float32 scalar variable, a power of two.
        good_steps: int64 scalar variable, steps since it changed.
    """

    def __init__(self):
        super().__init__()
        self.value = tf.Variable(START, trainable=False, name="value")
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
