"""The layer to RGB of StyleGAN2 (Karras et al. 2020, figure 7)."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.modulated_conv import style_affine


@keras.saving.register_keras_serializable("stylegan_tf")
class ModulatedRGB(keras.layers.Layer):
    """A 1×1 convolution that a style scales, without demodulation, and a bias.

    Args:
        channels: int, of the image.
        clamp: float, the largest magnitude of a result, or None. Defaults to None.

    Call arguments:
        x: feature maps, [N, H, W, C].
        w: intermediate latent, [N, w_size].

    Returns:
        [N, H, W, channels], float32 under any policy.
    """

    def __init__(self, channels: int, clamp: float | None = None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)  # w stays float32
        self.channels = channels
        self.clamp = clamp

    def build(self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None) -> None:
        """Makes the weight, [1, 1, C, channels], the bias, [channels], and the affine map."""
        maps = x_shape[-1]
        self.scale = 1 / math.sqrt(maps)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = add_weight(self, "kernel", (1, 1, maps, self.channels), normal)
        self.bias = add_weight(self, "bias", (self.channels,), "zeros")
        self.affine = style_affine(maps, w_shape)
        self.built = True

    def call(self, x: tf.Tensor, w: tf.Tensor) -> tf.Tensor:
        """Returns what this layer adds to the image."""
        x = tf.cast(x, self.compute_dtype)
        style = self.affine(w) * self.scale
        kernel = tf.convert_to_tensor(self.kernel)
        if x.shape[0] == 1:  # the weights of a single image are few
            kernel *= style[0, :, None]
        else:
            x *= tf.cast(style[:, None, None], x.dtype)
        image = ops.to_rgb(x, kernel, self.bias)
        return image if self.clamp is None else tf.clip_by_value(image, -self.clamp, self.clamp)

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None
    ) -> tuple[Any, ...]:
        """Returns [N, H, W, channels]."""
        return (*x_shape[:-1], self.channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "channels": self.channels, "clamp": self.clamp}
