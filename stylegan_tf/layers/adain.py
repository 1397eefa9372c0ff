"""Adaptive instance normalization (paper, equation 1)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.layers.equalized_dense import EqualizedDense
from stylegan_tf.ops.style_epilogue import adain


@keras.saving.register_keras_serializable("stylegan_tf")
class AdaIN(keras.layers.Layer):
    """Normalizes each feature map and gives it the scale and bias of a style.

    Call arguments:
        x: feature maps, [N, H, W, C].
        w: intermediate latent, [N, w_size].

    Returns:
        [N, H, W, C], in the dtype of `x`.
    """

    def build(self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None) -> None:
        """Makes the learned affine map "A" from w to a style.

        Keras 2.15 passes the first shape only; the affine map is then built by its first call.
        """
        self.affine = EqualizedDense(2 * x_shape[-1], gain=1.0, dtype="float32", name="affine")
        if w_shape is not None:
            self.affine.build(w_shape)
        self.built = True

    def style(self, w: tf.Tensor) -> tf.Tensor:
        """Returns the style of w: [N, 2·C], the scale minus 1, then the bias of each map."""
        return self.affine(w)

    def call(self, x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        """Returns `instance_norm(x) · scale + bias`."""
        return tf.cast(adain(tf.cast(x, tf.float32), self.style(w)), x.dtype)

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None
    ) -> tuple[Any, ...]:
        """Returns the shape of `x`."""
        return x_shape
