"""A convolution and a 2×2 box filter of stride 2, in one convolution."""

import tensorflow as tf

from . import choice
from .shifts import check_odd, shifted_kernel, sum_of_shifts


def conv2d_downsample(x, w, implementation="auto"):
    """Convolves (SAME, zeros outside), then halves height and width by 2×2 means.

    One convolution of stride 2 does both: its kernel is the mean of the four shifts of `w`. Any
    order of derivative.

    Args:
        x: [N, H, W, C_in] with H and W even.
        w: [k, k, C_in, C_out] with k odd, in the dtype of `x`, already scaled.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [N, H/2, W/2, C_out].

    Raises:
        ValueError: if k is even, or H or W is known and odd.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    check_odd(w)
    if any(side is not None and side % 2 for side in x.shape[1:3]):
        raise ValueError(f"x is {x.shape[1]}×{x.shape[2]}; height and width must be even")
    if kernels := choice.kernels(implementation, w.dtype):
        kernel = shifted_kernel(kernels, w, scale=0.25)
    else:
        kernel = sum_of_shifts(w) * 0.25
    return tf.nn.conv2d(x, kernel, strides=2, padding="SAME")
