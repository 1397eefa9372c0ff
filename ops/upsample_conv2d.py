"""Nearest-neighbour 2× upsampling and a convolution, in one transposed convolution."""

import tensorflow as tf

from . import choice
from .shifts import check_odd, shifted_kernel, sum_of_shifts


def upsample_conv2d(x, w, implementation="auto"):
    """Doubles height and width by repeating pixels, then convolves (SAME, zeros outside).

    One transposed convolution of stride 2 does both: its kernel is `w` flipped, since a transposed
    convolution convolves where a convolution correlates, and summed over the 2×2 shifts in which
    an upsampled pixel repeats. Any order of derivative.

    Args:
        x: [N, H, W, C_in].
        w: [k, k, C_in, C_out] with k odd, in the dtype of `x`, already scaled.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [N, 2·H, 2·W, C_out].

    Raises:
        ValueError: if k is even.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    check_odd(w)
    if kernels := choice.kernels(implementation, w.dtype):
        kernel = shifted_kernel(kernels, w, transposed=True)
    else:
        kernel = sum_of_shifts(tf.transpose(tf.reverse(w, [0, 1]), [0, 1, 3, 2]))
    n, h, width = tf.unstack(tf.shape(x)[:3])
    y = tf.nn.conv2d_transpose(x, kernel, [n, 2 * h, 2 * width, w.shape[3]], strides=2)
    doubled = [None if side is None else 2 * side for side in x.shape[1:3]]
    return tf.ensure_shape(y, [x.shape[0], *doubled, w.shape[3]])
