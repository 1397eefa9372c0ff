"""Nearest-neighbour 2× upsampling and a convolution, in one transposed convolution."""

import tensorflow as tf

from .conv_kernel import check_odd, conv_kernel
from .explanation import convolution, explained
from .low_precision import convolve
from .winograd import UP, suits, winograd


@explained(convolution)
def upsample_conv2d(
    x: tf.Tensor, w: tf.Tensor, implementation: str = "auto", scale: float = 1.0
) -> tf.Tensor:
    """Doubles height and width by repeating pixels, then convolves (SAME, zeros outside).

    One transposed convolution of stride 2 does both. Its kernel is `w` rotated by 180°, since a
    transposed convolution convolves where a convolution correlates, and summed over the 2×2 shifts
    in which an upsampled pixel repeats. On x86 CPUs Winograd's method is used instead.
    Differentiable any number of times.

    Args:
        x: [N, H, W, C_in].
        w: [k, k, C_in, C_out] with k odd, in float32 or the dtype of `x`.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        scale: float, multiplies `w`.

    Returns:
        [N, 2·H, 2·W, C_out].

    Raises:
        ValueError: if k is even.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    check_odd(w)
    if suits(x, w, implementation):
        return winograd(x, w, scale, UP)
    kernel = conv_kernel(
        w, x.dtype, scale, shifts=2, transposed=True, implementation=implementation
    )
    n, h, width = tf.unstack(tf.shape(x)[:3])
    shape = [n, 2 * h, 2 * width, w.shape[3]]
    y = convolve(lambda x, k: tf.nn.conv2d_transpose(x, k, shape, strides=2), x, kernel)
    doubled = [None if side is None else 2 * side for side in x.shape[1:3]]
    return tf.ensure_shape(y, [x.shape[0], *doubled, w.shape[3]])
