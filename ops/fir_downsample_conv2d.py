"""Downsampling with the filter [1, 3, 3, 1], and a convolution (StyleGAN2)."""

import tensorflow as tf

from .conv2d import conv2d
from .conv_kernel import check_odd, conv_kernel
from .explanation import explained, on_every_device
from .fir import FILTER, fir_downsample2d
from .low_precision import convolve
from .upfirdn2d import upfirdn2d


@explained(on_every_device)  # the filter; the convolution is TensorFlow's own
def fir_downsample_conv2d(
    x: tf.Tensor, w: tf.Tensor, implementation: str = "auto", scale: float = 1.0
) -> tf.Tensor:
    """Filters with [1, 3, 3, 1], then convolves with `scale · w` at a stride of 2.

    All zeros are put around `x`, none around what is filtered. Differentiable any number of times.

    Args:
        x: [N, H, W, C_in] with H and W even.
        w: [k, k, C_in, C_out] with k odd, in float32 or the dtype of `x`.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        scale: float, multiplies `w`.

    Returns:
        [N, H/2, W/2, C_out].

    Raises:
        ValueError: if k is even.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    check_odd(w)
    size = w.shape[0]
    if size == 1:
        return conv2d(fir_downsample2d(x, implementation), w, implementation, scale)
    padding = [(size + 1) // 2] * 4
    filtered = upfirdn2d(x, FILTER, padding=padding, implementation=implementation)
    kernel = conv_kernel(w, x.dtype, scale, implementation=implementation)
    return convolve(
        lambda x, kernel: tf.nn.conv2d(x, kernel, strides=2, padding="VALID"), filtered, kernel
    )
