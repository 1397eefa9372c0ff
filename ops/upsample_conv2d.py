"""Nearest-neighbour 2× upsampling and a convolution, in one transposed convolution."""

import numpy as np
import tensorflow as tf

from .choice import choose


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
    choose(implementation)
    check_odd(w)
    x = tf.convert_to_tensor(x)
    kernel = sum_of_shifts(tf.transpose(tf.reverse(w, [0, 1]), [0, 1, 3, 2]))
    n, h, width = tf.unstack(tf.shape(x)[:3])
    y = tf.nn.conv2d_transpose(x, kernel, [n, 2 * h, 2 * width, w.shape[3]], strides=2)
    doubled = [None if side is None else 2 * side for side in x.shape[1:3]]
    return tf.ensure_shape(y, [x.shape[0], *doubled, w.shape[3]])


def sum_of_shifts(w):
    """[k, k, C, D] → [k + 1, k + 1, C, D]: the sum of the kernel's four shifts by 0 or 1 pixel.

    A product with a constant matrix of zeros and ones: the gradient of slices costs far more.
    """
    size, channels = w.shape[0], w.shape[2:]
    one_axis = np.eye(size + 1, size) + np.eye(size + 1, size, k=-1)  # [k + 1, k]
    shifts = tf.constant(np.kron(one_axis, one_axis), w.dtype)  # [(k + 1)², k²]
    summed = tf.matmul(shifts, tf.reshape(w, [size * size, -1]))
    return tf.reshape(summed, [size + 1, size + 1, *channels])


def check_odd(w) -> None:
    """Raises ValueError for a kernel without a middle pixel."""
    if w.shape[0] % 2 == 0 or w.shape[0] != w.shape[1]:
        raise ValueError(f"w is {w.shape[0]}×{w.shape[1]}; its size must be square and odd")
