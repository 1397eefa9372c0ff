"""Convolution whose weights a style scales (Karras et al. 2020, StyleGAN2, section 2.2)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.equalized_dense import EqualizedDense


@keras.saving.register_keras_serializable("stylegan_tf")
class ModulatedConv2D(keras.layers.Layer):
    """A SAME convolution without bias; of each image the feature maps that come out have norm 1.

    Weights are stored N(0, 1) and correlate, with and without upsampling. Demodulation makes a
    learning-rate scale of them superfluous.

    Args:
        filters: int, number of feature maps that come out.
        up: bool, double the resolution with the filter [1, 3, 3, 1] before. Defaults to False.
        gain: float, multiplies the result. Defaults to 1.

    Call arguments:
        x: [N, H, W, C].
        w: intermediate latent, [N, w_size].

    Returns:
        [N, H, W, filters], with H and W doubled by `up`.
    """

    def __init__(self, filters: int, up: bool = False, gain: float = 1.0, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # w stays float32
        self.filters = filters
        self.up = up
        self.gain = gain

    def build(self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None) -> None:
        """Makes the weight, [3, 3, C, filters], and the affine map from w to a style.

        Keras 2.15 passes the first shape only; the affine map is then built by its first call.
        """
        channels = x_shape[-1]
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = add_weight(self, "kernel", (3, 3, channels, self.filters), normal)
        self.affine = style_affine(channels, w_shape)
        self.built = True

    def call(self, x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        """Returns the convolution of `x` by the style of `w`."""
        x = tf.cast(x, self.compute_dtype)
        return ops.modulated_conv2d(x, self.kernel, self.affine(w), up=self.up, gain=self.gain)

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None
    ) -> tuple[Any, ...]:
        """Returns [N, H, W, filters]."""
        n, *sides, _ = x_shape
        sides = [2 * side if self.up and side else side for side in sides]
        return (n, *sides, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "up": self.up,
            "gain": self.gain,
        }


def style_affine(channels: int, w_shape: tuple[Any, ...] | None) -> EqualizedDense:
    """Returns the learned map "A" from w to a factor for each feature map, which starts at 1."""
    affine = EqualizedDense(channels, gain=1.0, initial_bias=1.0, dtype="float32", name="affine")
    if w_shape is not None:
        affine.build(w_shape)
    return affine
