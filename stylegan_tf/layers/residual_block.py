"""One resolution of StyleGAN2's discriminator (Karras et al. 2020, figure 7)."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.layers.activation import activated
from stylegan_tf.layers.equalized_conv import EqualizedConv2D
from stylegan_tf.layers.equalized_dense import HE_GAIN

# The sum of two branches has the variance of each of them again.
SUM_GAIN = math.sqrt(0.5)


@keras.saving.register_keras_serializable("stylegan_tf")
class ResidualBlock(keras.layers.Layer):
    """Convolution → leaky ReLU → filter → convolution of stride 2 → leaky ReLU, and a shortcut.

    Args:
        filters: int, feature maps between the convolutions.
        out_filters: int, feature maps after them.
        residual: bool, add the shortcut: filter and 1×1 convolution of stride 2. Defaults to True.
        clamp: float, the largest magnitude after a leaky ReLU, or None. Defaults to None.

    Call arguments:
        x: [N, H, W, C].

    Returns:
        [N, H/2, W/2, out_filters].
    """

    def __init__(
        self,
        filters: int,
        out_filters: int,
        residual: bool = True,
        clamp: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.out_filters = out_filters
        self.residual = residual
        self.clamp = clamp

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes both convolutions, and the one of the shortcut."""
        gain = SUM_GAIN if self.residual else 1.0
        self.conv0 = EqualizedConv2D(self.filters, name="conv0")
        self.conv0.build(input_shape)
        self.conv1 = EqualizedConv2D(
            self.out_filters, gain=HE_GAIN * gain, resample="fir_down", name="conv1"
        )
        self.conv1.build(self.conv0.compute_output_shape(input_shape))
        if self.residual:
            self.skip = EqualizedConv2D(
                self.out_filters, 1, SUM_GAIN, "fir_down", use_bias=False, name="skip"
            )
            self.skip.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the feature maps at half the resolution."""
        y = activated(self.conv0, x, self.clamp)
        if not self.residual:
            return activated(self.conv1, y, self.clamp)
        return self.skip(x) + activated(self.conv1, y, self.clamp and self.clamp * SUM_GAIN)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, H/2, W/2, out_filters]."""
        n, height, width, _ = input_shape
        return (n, height // 2, width // 2, self.out_filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "out_filters": self.out_filters,
            "residual": self.residual,
            "clamp": self.clamp,
        }
