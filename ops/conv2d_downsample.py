"""A convolution and a 2×2 box filter of stride 2, in one convolution."""

import tensorflow as tf

from .choice import choose
from .upsample_conv2d import check_odd, sum_of_shifts


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
    choose(implementation)
    check_odd(w)
    x = tf.convert_to_tensor(x)
    if any(side is not None and side % 2 for side in x.shape[1:3]):
        raise ValueError(f"x is {x.shape[1]}×{x.shape[2]}; height and width must be even")
    return tf.nn.conv2d(x, sum_of_shifts(w) * 0.25, strides=2, padding="SAME")
