"""Pixelwise feature vector normalization (Karras et al. 2017, section 4.2)."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("stylegan_tf")
class PixelNorm(keras.layers.Layer):
    """Scales the vector of channels at each pixel to unit mean square.

    Args:
        epsilon: float. Added to the mean square. Defaults to 1e-8.

    Call arguments:
        x: [..., C].

    Returns:
        [..., C], in the dtype of `x`.
    """

    def __init__(self, epsilon: float = 1e-8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x / √(mean(x²) + ε)`, the mean taken in float32."""
        wide = tf.cast(x, tf.float32)
        square = tf.reduce_mean(tf.square(wide), axis=-1, keepdims=True)
        return tf.cast(wide * tf.math.rsqrt(square + self.epsilon), x.dtype)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns the shape of `x`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "epsilon": self.epsilon}
