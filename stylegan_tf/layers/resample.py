"""Changes of resolution without weights: nearest-neighbour 2×, 2×2 means, and the blur."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops


def upsample(x: tf.Tensor) -> tf.Tensor:
    """Returns [N, H, W, C] as [N, 2·H, 2·W, C], every pixel repeated."""
    _, height, width, channels = x.shape
    n, h, w = tf.unstack(tf.shape(x)[:3])
    x = tf.broadcast_to(x[:, :, None, :, None, :], [n, h, 2, w, 2, channels])
    x = tf.reshape(x, [n, 2 * h, 2 * w, channels])
    doubled = [None if side is None else 2 * side for side in (height, width)]
    return tf.ensure_shape(x, [None, *doubled, channels])


def downsample(x: tf.Tensor) -> tf.Tensor:
    """Returns [N, H, W, C] as [N, H/2, W/2, C], the mean of every 2×2 pixels."""
    return tf.nn.avg_pool2d(x, 2, 2, "VALID")


@keras.saving.register_keras_serializable("stylegan_tf")
class NearestUpsample(keras.layers.Layer):
    """Repeats every pixel 2×2: [N, H, W, C] → [N, 2·H, 2·W, C]."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` at twice the resolution."""
        return upsample(x)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, 2·H, 2·W, C]."""
        n, height, width, channels = input_shape
        return (n, 2 * height, 2 * width, channels)


@keras.saving.register_keras_serializable("stylegan_tf")
class BoxDownsample(keras.layers.Layer):
    """Averages every 2×2 pixels: [N, H, W, C] → [N, H/2, W/2, C]."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` at half the resolution."""
        return downsample(x)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, H/2, W/2, C]."""
        n, height, width, channels = input_shape
        return (n, height // 2, width // 2, channels)


@keras.saving.register_keras_serializable("stylegan_tf")
class Blur(keras.layers.Layer):
    """Low-pass filters every channel with [1, 2, 1]⊗[1, 2, 1] / 16, zeros outside."""

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` filtered, [N, H, W, C]."""
        return ops.blur2d(x)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns the shape of `x`."""
        return input_shape
