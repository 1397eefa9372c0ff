"""One layer of StyleGAN2's synthesis network (Karras et al. 2020, figure 2d)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.equalized_dense import HE_GAIN
from stylegan_tf.layers.modulated_conv import ModulatedConv2D
from stylegan_tf.layers.noise import NoiseInjection


@keras.saving.register_keras_serializable("stylegan_tf")
class ModulatedLayer(keras.layers.Layer):
    """Modulated convolution → noise → bias → leaky ReLU · gain → clamp.

    Args:
        filters: int, number of feature maps.
        up: bool, double the resolution. Defaults to False.
        gain: float. Defaults to √2 (He).
        clamp: float, the largest magnitude of a result, or None. Defaults to None.

    Call arguments:
        x: feature maps, [N, H, W, C].
        w: intermediate latent, [N, w_size].
        noise: as in `NoiseInjection`.

    Returns:
        [N, H, W, filters], with H and W doubled by `up`.
    """

    def __init__(
        self,
        filters: int,
        up: bool = False,
        gain: float = HE_GAIN,
        clamp: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)  # w and the noise stay float32
        self.filters = filters
        self.up = up
        self.gain = gain
        self.clamp = clamp
        # A leaky ReLU takes a factor through: of the convolution it costs nothing.
        self.conv = ModulatedConv2D(filters, up, gain, name="conv", dtype=self.dtype_policy)

    def build(self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None) -> None:
        """Builds the convolution; makes the bias, [filters], and the noise."""
        self.conv.build(x_shape, w_shape)
        self.bias = add_weight(self, "bias", (self.filters,), "zeros")
        self.noise = NoiseInjection(per_map=False, name="noise")
        self.noise.build(self.conv.compute_output_shape(x_shape))
        self.built = True

    def call(self, x: tf.Tensor, w: tf.Tensor, noise: str | tf.Tensor = "random") -> tf.Tensor:
        """Returns the feature maps after this layer."""
        x = self.conv(x, w)
        image = self.noise.image(noise, tf.shape(x)[0])
        strength = None if image is None else self.noise.strength * self.gain
        return ops.bias_act(
            x, self.bias * self.gain, clamp=self.clamp, noise=image, strength=strength
        )

    def compute_output_shape(
        self, x_shape: tuple[Any, ...], w_shape: tuple[Any, ...] | None = None
    ) -> tuple[Any, ...]:
        """Returns [N, H, W, filters]."""
        return self.conv.compute_output_shape(x_shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "up": self.up,
            "gain": self.gain,
            "clamp": self.clamp,
        }
