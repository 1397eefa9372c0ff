"""A convolution and a 2×2 box filter of stride 2, in one convolution."""

import tensorflow as tf

from .conv_kernel import check_odd, conv_kernel
from .explanation import convolution, explained
from .low_precision import convolve
from .winograd import DOWN, suits, winograd


@explained(convolution)
def conv2d_downsample(
    x: tf.Tensor, w: tf.Tensor, implementation: str = "auto", scale: float = 1.0
) -> tf.Tensor:
    """Convolves (SAME, zeros outside), then halves height and width by 2×2 means.

    One convolution of stride 2 does both: its kernel is the mean of the four shifts of `w`. On x86
    CPUs Winograd's method is used instead. Differentiable any number of times.

    Args:
        x: [N, H, W, C_in] with H and W even.
        w: [k, k, C_in, C_out] with k odd, in float32 or the dtype of `x`.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        scale: float, multiplies `w`.

    Returns:
        [N, H/2, W/2, C_out].

    Raises:
        ValueError: if k is even, or H or W is known and odd.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    check_odd(w)
    if any(side is not None and side % 2 for side in x.shape[1:3]):
        raise ValueError(f"x is {x.shape[1]}×{x.shape[2]}; height and width must be even")
    if suits(x, w, implementation):
        return winograd(x, w, 0.25 * scale, DOWN)
    kernel = conv_kernel(w, x.dtype, 0.25 * scale, shifts=2, implementation=implementation)
    return convolve(lambda x, k: tf.nn.conv2d(x, k, strides=2, padding="SAME"), x, kernel)
