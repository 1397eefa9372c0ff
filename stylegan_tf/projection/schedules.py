"""How the steps of a projection change on the way (Karras et al. 2019b, appendix D)."""

import math
from typing import Any

import keras
import tensorflow as tf

PEAK = 0.1  # learning rate
RISE, FALL = 0.05, 0.25  # parts of the way in which the learning rate rises and falls
NOISE, QUIET = 0.05, 0.75  # of the deviation of w at first; the part of the way that has any


class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """Rises on a line, stays, and falls as a cosine to 0.

    Args:
        steps: int, of the whole way.
    """

    def __init__(self, steps: int):
        self.steps = steps

    def __call__(self, step: tf.Tensor) -> tf.Tensor:
        """Returns the learning rate of a step, counted from 0."""
        step = tf.cast(tf.convert_to_tensor(step), tf.float32)
        rise = tf.minimum(1.0, (step + 1) / (self.steps * RISE))
        fall = tf.minimum(1.0, (1 - step / self.steps) / FALL)
        return PEAK * rise * (0.5 - 0.5 * tf.cos(math.pi * fall))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {"steps": self.steps}


def noise_of_w(step: tf.Tensor, steps: int) -> tf.Tensor:
    """Returns the deviation of the noise on w at a step, in deviations of w: from 0.05 to 0."""
    left = 1 - tf.cast(step, tf.float32) / (steps * QUIET)
    return NOISE * tf.square(tf.maximum(0.0, left))
