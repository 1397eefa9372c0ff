"""3×3 convolutions by fewer products, on CPUs where TensorFlow's convolutions take their time."""

import tensorflow as tf

from . import choice, library
from .conv_kernel import conv_kernel
from .halves import convolve

PIXELS = 16 * 16  # in all pictures; of fewer, preparing the weights takes longer than it saves
CHANNELS = 16  # fill the vectors of the kernel


def suits(x, w, implementation="auto") -> bool:
    """Whether `winograd` is for a convolution here: compiled ops, sizes, and a CPU that gains.

    Processors with AVX-512, and GPUs, have fast convolutions of TensorFlow's.
    """
    n, h, width, _ = x.shape
    if None in (h, width) or (n or 1) * h * width < PIXELS or w.shape[:2] != [3, 3]:
        return False
    fits = all(channels and channels % CHANNELS == 0 for channels in w.shape[2:])
    return fits and choice.avx2_at_most() and choice.kernels(implementation, x.dtype) is not None


def winograd(x, w, scale=1.0, up=False, transposed=False):
    """Convolves (SAME, zeros outside) by Winograd's method; any order of derivative.

    Squares of 4×4 results by 36 products instead of 144 (Lavin and Gray 2015), in pictures below
    64² squares of 2×2 by 16 instead of 36. The sums are in float32, with an error of some millionths
    of the largest result.

    Args:
        x: [N, H, W, C] in float32, bfloat16 or float16.
        w: [3, 3, C, D], both multiples of 16.
        scale: float, multiplies `w`.
        up: bool, repeat each pixel twice each way before, by 6.25 or 9 products a pixel.
        transposed: bool, turn `w`, which is [3, 3, D, C] then, round and swap its channels. Not
            with `up`.

    Returns:
        [N, H, W, D], or [N, 2·H, 2·W, D] if `up`, in the type of `x`.
    """
    w = tf.cast(w, tf.float32)
    kernels = library.load().require()
    y = kernels.stylegan_winograd(x=x, w=w, scale=scale, up=up, transposed=transposed)
    n, h, width, _ = x.shape
    factor = 2 if up else 1
    y.set_shape([n, factor * h, factor * width, w.shape[2 if transposed else 3]])
    return y


@tf.RegisterGradient("StyleganWinograd")
def _gradient(op, dy):
    x, w = op.inputs
    scale, up, transposed = (op.get_attr(name) for name in ("scale", "up", "transposed"))
    if up:
        return _downsampled(dy, w, scale), _weight_gradient(dy, x, w, scale, 2)
    seen, result = (dy, x) if transposed else (x, dy)
    dw = _weight_gradient(seen, result, w, scale, 1)
    return winograd(dy, w, scale, transposed=not transposed), dw


def _downsampled(dy, w, scale):
    """What an upsampling convolution's gradient by its input is: convolution and sums of 2×2."""
    kernel = conv_kernel(w, dy.dtype, scale, shifts=2, transposed=True)
    return convolve(lambda dy, k: tf.nn.conv2d(dy, k, strides=2, padding="SAME"), dy, kernel)


def _weight_gradient(seen, result, w, scale, strides):
    """That of a convolution which sees one and has the other as its result, or its gradient."""
    shifted = strides == 2
    c, d = w.shape[2:]
    dkernel = tf.raw_ops.Conv2DBackpropFilter(
        input=tf.cast(seen, tf.float32),
        filter_sizes=[4, 4, d, c] if shifted else w.shape,
        out_backprop=tf.cast(result, tf.float32),
        strides=[1, strides, strides, 1],
        padding="SAME",
    )
    if not shifted:
        return dkernel * scale
    kernels = library.load().module
    dw = kernels.stylegan_conv_kernel_grad(g=dkernel, scale=scale, shifts=2, transposed=True)
    return tf.ensure_shape(dw, w.shape)
