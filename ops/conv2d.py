"""A plain convolution, in the form that the machine is fastest at."""

import functools
from collections.abc import Callable

import tensorflow as tf

from . import dispatch
from .conv_kernel import conv_kernel
from .explanation import convolution, explained
from .low_precision import convolve, needs_float32
from .winograd import suits, winograd

# With fewer pixels transposing the kernel costs more than it saves.
MIN_PIXELS = 32 * 32


@explained(convolution)
def conv2d(
    x: tf.Tensor, w: tf.Tensor, implementation: str = "auto", scale: float = 1.0
) -> tf.Tensor:
    """Convolves `x` with `scale · w` (SAME, zeros outside). Differentiable any number of times.

    With compiled ops, 3×3 convolutions on x86 processors take Winograd's method. Without them, a
    single image and no AVX-512, the convolution is computed as a transposed one, the gradient of
    another convolution by its input: oneDNN then does not copy every patch of the image, which is
    1.3 to 3 times faster at the sizes of StyleGAN. With more images both are equally fast.

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
        return _as_transposed(x, w, scale, implementation)
    kernel = conv_kernel(w, x.dtype, scale, implementation=implementation)
    return tf.nn.conv2d(x, kernel, strides=1, padding="SAME")


def _is_single(x: tf.Tensor, w: tf.Tensor) -> bool:
    n, h, width, _ = x.shape
    is_static = n == 1 and None not in (h, width)
    return bool(is_static and h * width >= MIN_PIXELS and w.shape[0] > 1)


def _as_transposed(x: tf.Tensor, w: tf.Tensor, scale: float, implementation: str) -> tf.Tensor:
    """The convolution of a single image, computed as a transposed convolution."""
    arguments = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    kernel_of = functools.partial(
        conv_kernel, dtype=x.dtype, scale=scale, implementation=implementation
    )

    @tf.custom_gradient
    def convolved(x: tf.Tensor, w: tf.Tensor) -> tuple[tf.Tensor, Callable[..., object]]:
        y = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=[*x.shape[:3], w.shape[3]],
            filter=kernel_of(w, transposed=True),
            out_backprop=x,
            **arguments,
        )

        def grad(dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:  # of the plain convolution
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
