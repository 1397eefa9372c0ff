"""Convolution with equalized learning rate (Karras et al. 2017, section 4.1)."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.equalized_dense import HE_GAIN

CONVOLUTIONS = {
    None: ops.conv2d,
    "up": ops.upsample_conv2d,
    "down": ops.conv2d_downsample,
    "fir_up": ops.fir_upsample_conv2d,
    "fir_down": ops.fir_downsample_conv2d,
}
FACTORS = {None: 1.0, "up": 2.0, "down": 0.5, "fir_up": 2.0, "fir_down": 0.5}


@keras.saving.register_keras_serializable("stylegan_tf")
class EqualizedConv2D(keras.layers.Layer):
    """A SAME convolution whose stored N(0, 1) weights are scaled at run time by gain / √fan_in.

    Args:
        filters: int, number of feature maps that come out.
        kernel_size: odd int. Defaults to 3.
        gain: float. √2 (He) before a leaky ReLU, 1 elsewhere. Defaults to √2.
        resample: None; `"up"` (nearest-neighbour 2× before the convolution) or `"down"` (2×2 means
            after it), either fused with the convolution; `"fir_up"` or `"fir_down"`, both with the
            filter [1, 3, 3, 1] before it, as in StyleGAN2. Defaults to None.
        use_bias: bool. Defaults to True.

    Call arguments:
        x: [N, H, W, C].
        add_bias: bool; False leaves the bias for the caller to fuse with what follows.

    Returns:
        [N, H, W, filters], with H and W doubled or halved as `resample` says.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 3,
        gain: float = HE_GAIN,
        resample: str | None = None,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if resample not in CONVOLUTIONS:
            allowed = ", ".join(map(repr, CONVOLUTIONS))
            raise ValueError(f"resample is {resample!r}; it can be one of {allowed}")
        self.filters = filters
        self.kernel_size = kernel_size
        self.gain = gain
        self.resample = resample
        self.use_bias = use_bias

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes the weight, [k, k, C, filters], and the bias, [filters]."""
        size, channels = self.kernel_size, input_shape[-1]
        self.scale = self.gain / math.sqrt(size * size * channels)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.kernel = add_weight(self, "kernel", (size, size, channels, self.filters), normal)
        if self.use_bias:
            self.bias = add_weight(self, "bias", (self.filters,), "zeros")
        self.built = True

    def call(self, x: tf.Tensor, add_bias: bool = True) -> tf.Tensor:
        """Returns the convolution of `x`."""
        y = CONVOLUTIONS[self.resample](x, self.kernel, scale=self.scale)
        if self.use_bias and add_bias:
            y += tf.cast(self.bias, y.dtype)
        return y

    def scaled_bias(self) -> tf.Tensor:
        """Returns the bias as it is added, [filters], as `EqualizedDense` does."""
        return tf.convert_to_tensor(self.bias)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, H, W, filters]."""
        factor = FACTORS[self.resample]
        sides = [None if side is None else int(side * factor) for side in input_shape[1:3]]
        return (input_shape[0], *sides, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "gain": self.gain,
            "resample": self.resample,
            "use_bias": self.use_bias,
        }
