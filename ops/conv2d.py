"""A plain convolution, in the form that the machine is fastest at."""

import functools

import tensorflow as tf

from . import dispatch
from .conv_kernel import conv_kernel
from .low_precision import convolve, needs_float32
from .winograd import suits, winograd

# Below so many pixels turning the kernel costs more than it brings.
PIXELS = 32 * 32


def conv2d(x, w, implementation="auto", scale=1.0):
    """Convolves (SAME, zeros outside). Any order of derivative.

    On x86 processors kernels of 3×3 take Winograd's method, where compiled ops are. Where they are
    not, oneDNN without AVX-512 copies every patch of a single picture before it multiplies, but not
    if the same convolution is written as the gradient of another one, by its input: 1.3 to 3 times
    faster at the sizes of StyleGAN. With more pictures both are alike.

    Args:
        x: [N, H, W, C_in].
        w: [k, k, C_in, C_out] with k odd, in float32 or the dtype of `x`.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        scale: float, multiplies `w`.

    Returns:
        [N, H, W, C_out].
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    if suits(x, w, implementation):
        return winograd(x, w, scale)
    if needs_float32(x.dtype):
        return convolve(conv2d, x, conv_kernel(w, x.dtype, scale, implementation=implementation))
    if _is_single(x, w) and not dispatch.is_plain() and dispatch.avx2_at_most():
        return _turned(x, w, scale, implementation)
    kernel = conv_kernel(w, x.dtype, scale, implementation=implementation)
    return tf.nn.conv2d(x, kernel, strides=1, padding="SAME")


def _is_single(x, w) -> bool:
    n, h, width, _ = x.shape
    return n == 1 and None not in (h, width) and h * width >= PIXELS and w.shape[0] > 1


def _turned(x, w, scale, implementation):
    arguments = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    kernel_of = functools.partial(
        conv_kernel, dtype=x.dtype, scale=scale, implementation=implementation
    )

    @tf.custom_gradient
    def convolved(x, w):
        y = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=[*x.shape[:3], w.shape[3]],
            filter=kernel_of(w, transposed=True),
            out_backprop=x,
            **arguments,
        )

        def grad(dy):  # that of the plain convolution
            kernel = kernel_of(w)
            dx = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, **arguments
            )
            dkernel = tf.raw_ops.Conv2DBackpropFilter(
                input=x, filter_sizes=tf.shape(w), out_backprop=dy, **arguments
            )
            dw = tf.cast(dkernel, w.dtype) * scale
            return tf.ensure_shape(dx, x.shape), tf.ensure_shape(dw, w.shape)

        return y, grad

    return convolved(x, w)
