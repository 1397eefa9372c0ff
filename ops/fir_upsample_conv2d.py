"""Upsampling with the filter [1, 3, 3, 1], and a convolution (StyleGAN2)."""

import tensorflow as tf

from .conv2d import conv2d
from .conv_kernel import check_odd, conv_kernel
from .explanation import explained, on_every_device
from .fir import FILTER, UP_FILTER, fir_upsample2d
from .low_precision import convolve
from .upfirdn2d import upfirdn2d


@explained(on_every_device)  # the filter; the convolution is TensorFlow's own
def fir_upsample_conv2d(
    x: tf.Tensor, w: tf.Tensor, implementation: str = "auto", scale: float = 1.0
) -> tf.Tensor:
    """Upsamples as `fir_upsample2d`, then convolves with `scale · w` (zeros far outside).

    All zeros are put around `x`, none around what is upsampled. The convolution comes first, as a
    transposed one of stride 2, in which the zeros between the pixels cost nothing. Its kernel is
    `w` rotated by 180°, since a transposed convolution convolves where a convolution correlates.
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
    size, maps = w.shape[0], w.shape[3]
    if size == 1:
        return fir_upsample2d(conv2d(x, w, implementation, scale), implementation)
    kernel = conv_kernel(w, x.dtype, scale, transposed=True, implementation=implementation)
    n, h, width = tf.unstack(tf.shape(x)[:3])
    shape = [n, 2 * h + size - 2, 2 * width + size - 2, maps]
    y = convolve(
        lambda x, kernel: tf.nn.conv2d_transpose(x, kernel, shape, strides=2, padding="VALID"),
        x,
        kernel,
    )
    sides = [None if side is None else 2 * side + size - 2 for side in x.shape[1:3]]
    y = tf.ensure_shape(y, [x.shape[0], *sides, maps])
    padding = [(len(FILTER) + 1 - size) // 2] * 4
    return upfirdn2d(y, UP_FILTER, padding=padding, implementation=implementation)
