"""One resolution of the discriminator (Karras et al. 2017, table 2)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.layers.equalized_conv import EqualizedConv2D
from stylegan_tf.layers.resample import downsample


@keras.saving.register_keras_serializable("stylegan_tf")
class DiscriminatorBlock(keras.layers.Layer):
    """Convolution → leaky ReLU → blur → convolution → 2×2 mean → leaky ReLU.

    Args:
        filters: int, feature maps between the convolutions.
        out_filters: int, feature maps after them.
        blur: bool, low-pass filter before the second convolution. Defaults to True.
        pool_first: bool. False takes the 2×2 mean after the bias and the activation, as Progressive
            GAN without fused kernels did. Defaults to True.

    Call arguments:
        x: [N, H, W, C].

    Returns:
        [N, H/2, W/2, out_filters].
    """

    def __init__(
        self,
        filters: int,
        out_filters: int,
        blur: bool = True,
        pool_first: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.out_filters = out_filters
        self.blur = blur
        self.pool_first = pool_first

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes both convolutions."""
        self.conv0 = EqualizedConv2D(self.filters, name="conv0")
        self.conv0.build(input_shape)
        resample = "down" if self.pool_first else None
        self.conv1 = EqualizedConv2D(self.out_filters, resample=resample, name="conv1")
        self.conv1.build(self.conv0.compute_output_shape(input_shape))
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the feature maps at half the resolution."""
        x = ops.bias_act(self.conv0(x, add_bias=False), self.conv0.bias)
        if self.blur:
            x = ops.blur2d(x)
        x = ops.bias_act(self.conv1(x, add_bias=False), self.conv1.bias)
        return x if self.pool_first else downsample(x)

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
            "blur": self.blur,
            "pool_first": self.pool_first,
        }
