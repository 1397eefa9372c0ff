"""3×3 convolutions by Winograd's method, which are faster than TensorFlow's on CPUs."""

import tensorflow as tf

from . import dispatch, library, xla
from .conv_kernel import plain_conv_kernel
from .low_precision import convolve, needs_float32

CHANNELS = 16  # numbers of channels must be multiples, to fill the vectors of the kernels
NONE, UP, DOWN = 0, 1, -1  # the resampling that is fused with the convolution


def suits(x: tf.Tensor, w: tf.Tensor, implementation: str = "auto") -> bool:
    """Returns whether a convolution takes `winograd`: compiled ops, channels, and a CPU with AVX2.

    bfloat16 and float16 are left to TensorFlow where the CPU has fast products of them.
    """
    channels = w.shape[2:]
    if w.shape[:2] != [3, 3] or any(not one or one % CHANNELS for one in channels):
        return False
    if not dispatch.has_avx2() or dispatch.kernels(implementation, x.dtype) is None:
        return False
    return bool(x.dtype == tf.float32) or needs_float32(x.dtype)


def winograd(
    x: tf.Tensor,
    w: tf.Tensor,
    scale: float = 1.0,
    resample: int = NONE,
    transposed: bool = False,
) -> tf.Tensor:
    """Convolves (SAME, zeros outside) by Winograd's method. Differentiable any number of times.

    Squares of 4×4 results take 36 products instead of 144 (Lavin and Gray 2015, section 4), with
    few pixels 2×2 results 16 instead of 36. Sums are in float32, with an error of some millionths
    of the largest result; the gradient by the weights has a larger one.

    Args:
        x: [N, H, W, C] in float32, bfloat16 or float16.
        w: [3, 3, C, D], both multiples of 16.
        scale: float, multiplies `w`.
        resample: `UP`, repeat each pixel 2×2 times before (6.25 or 9 products per pixel instead of
            36); `DOWN`, sum 2×2 results (9 products instead of 36).
        transposed: bool, rotate `w`, which is [3, 3, D, C] then, by 180° and transpose its
            channels.

    Returns:
        [N, H, W, D], [N, 2·H, 2·W, D] or [N, H/2, W/2, D], in the dtype of `x`.
    """
    kernels = library.load().require()
    w = tf.cast(w, tf.float32)
    y = kernels.stylegan_winograd(x=x, w=w, scale=scale, resample=resample, transposed=transposed)
    resampled = {NONE: lambda side: side, UP: lambda side: 2 * side, DOWN: lambda side: side // 2}
    sides = [side and resampled[resample](side) for side in x.shape[1:3]]
    y.set_shape([x.shape[0], *sides, w.shape[2 if transposed else 3]])
    return y


@xla.plain_form("StyleganWinograd")
def _plain(x: tf.Tensor, w: tf.Tensor, scale: float, resample: int, transposed: bool) -> tf.Tensor:
    shifts = 1 if resample == NONE else 2
    # Upsampling is a transposed convolution, and so transposes the kernel once more.
    kernel = plain_conv_kernel(w, x.dtype, scale, shifts, transposed != (resample == UP))
    if resample == UP:
        n, height, width = tf.unstack(tf.shape(x)[:3])
        shape = [n, 2 * height, 2 * width, kernel.shape[2]]
        return convolve(lambda x, k: tf.nn.conv2d_transpose(x, k, shape, strides=2), x, kernel)
    return convolve(lambda x, k: tf.nn.conv2d(x, k, strides=shifts, padding="SAME"), x, kernel)


@xla.plain_form("StyleganWinogradGrad")
def _plain_gradient(x: tf.Tensor, dy: tf.Tensor, scale: float, resample: int) -> tf.Tensor:
    w = tf.zeros([3, 3, x.shape[-1], dy.shape[-1]])
    with tf.GradientTape() as tape:
        tape.watch(w)
        y = _plain(x, w, scale, resample, transposed=False)
    return tape.gradient(y, w, dy)


@xla.gradient("StyleganWinograd")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    x, w = op.inputs
    scale, resample, transposed = (op.get_attr(n) for n in ("scale", "resample", "transposed"))
    dx = winograd(dy, w, scale, -resample, not transposed)
    # The gradient of a transposed convolution by its weights is that of the convolution, whose
    # input is dy and whose result is x.
    source, result, resample = (dy, x, -resample) if transposed else (x, dy, resample)
    dw = (
        library.load()
        .require()
        .stylegan_winograd_grad(x=source, dy=result, scale=scale, resample=resample)
    )
    return dx, tf.ensure_shape(dw, w.shape)


@xla.gradient("StyleganWinogradGrad")
def _gradient_of_gradient(op: xla.Call, ddw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    x, dy = op.inputs
    scale, resample = (op.get_attr(name) for name in ("scale", "resample"))
    return winograd(dy, ddw, scale, -resample, True), winograd(x, ddw, scale, resample)
