"""The kernel of a convolution, made from stored weights in one pass over them."""

from typing import Any

import numpy as np
import tensorflow as tf

from . import dispatch, library, xla


def conv_kernel(
    w: tf.Tensor,
    dtype: tf.DType,
    scale: float = 1.0,
    shifts: int = 1,
    transposed: bool = False,
    implementation: str = "auto",
) -> tf.Tensor:
    """Returns `scale · w` in the dtype of the convolution, rounded once.

    Differentiable any number of times.

    Args:
        w: [k, k, C, D].
        dtype: of the result; the computation is in the dtype of `w`.
        scale: float.
        shifts: 1, or 2 for the sum of the four shifts by 0 or 1 pixel, which convolves and
            resamples at once.
        transposed: bool, rotate the kernel by 180° and transpose its channels, for a transposed
            convolution.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [k', k', C, D], or [k', k', D, C] if `transposed`, with k' = k + shifts - 1.
    """
    dtype = tf.as_dtype(dtype)
    kernels = dispatch.kernels(implementation, dtype)
    if kernels and (shifts == 2 or transposed or dtype != w.dtype):  # else it is only a product
        return _compiled(kernels, w, dtype, scale, shifts, transposed)
    return plain_conv_kernel(w, dtype, scale, shifts, transposed)


@xla.plain_form("StyleganConvKernel")
def plain_conv_kernel(
    w: tf.Tensor, T: tf.DType, scale: float, shifts: int, transposed: bool
) -> tf.Tensor:
    """Returns what `conv_kernel` does, by TensorFlow's own ops."""
    kernel = w if scale == 1 else w * scale
    if transposed:
        kernel = _transposed(kernel)
    return tf.cast(sum_of_shifts(kernel) if shifts == 2 else kernel, T)


def check_odd(w: tf.Tensor) -> None:
    """Raises ValueError for a kernel without a middle pixel."""
    if w.shape[0] % 2 == 0 or w.shape[0] != w.shape[1]:
        raise ValueError(f"w is {w.shape[0]}×{w.shape[1]}; its size must be square and odd")


def sum_of_shifts(w: tf.Tensor) -> tf.Tensor:
    """Returns the sum of a kernel's shifts by 0 or 1 pixel: [k, k, C, D] → [k + 1, k + 1, C, D].

    It is a product with a constant matrix of zeros and ones: the gradient of slices is far slower.
    """
    size, channels = w.shape[0], w.shape[2:]
    one_axis = np.eye(size + 1, size) + np.eye(size + 1, size, k=-1)  # [k + 1, k]
    shifts = tf.constant(np.kron(one_axis, one_axis), w.dtype)  # [(k + 1)², k²]
    summed = tf.matmul(shifts, tf.reshape(w, [size * size, -1]))
    return tf.reshape(summed, [size + 1, size + 1, *channels])


def _compiled(
    kernels: Any, w: tf.Tensor, dtype: tf.DType, scale: float, shifts: int, transposed: bool
) -> tf.Tensor:
    kernel = kernels.stylegan_conv_kernel(
        w=tf.cast(w, tf.float32), T=dtype, scale=scale, shifts=shifts, transposed=transposed
    )
    size, (c, d) = w.shape[0] + shifts - 1, w.shape[2:]
    kernel.set_shape([size, size, d, c] if transposed else [size, size, c, d])
    return kernel


@xla.plain_form("StyleganConvKernelGrad")
def _plain_gradient(g: tf.Tensor, scale: float, shifts: int, transposed: bool) -> tf.Tensor:
    dw = tf.cast(g, tf.float32) * scale
    if shifts == 2:
        dw = dw[:-1, :-1] + dw[:-1, 1:] + dw[1:, :-1] + dw[1:, 1:]
    return _transposed(dw) if transposed else dw


def _transposed(kernel: tf.Tensor) -> tf.Tensor:
    """The kernel of the transpose: rotated by 180°, with its channels exchanged."""
    return tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2])


def _attributes(op: xla.Call) -> dict[str, Any]:
    return {name: op.get_attr(name) for name in ("scale", "shifts", "transposed")}


@xla.gradient("StyleganConvKernel")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tf.Tensor:
    kernels = library.load().require()
    dw = kernels.stylegan_conv_kernel_grad(g=dy, **_attributes(op))
    dw.set_shape(op.inputs[0].shape)
    return dw


@xla.gradient("StyleganConvKernelGrad")
def _gradient_of_gradient(op: xla.Call, dw: tf.Tensor) -> tf.Tensor:
    return _compiled(library.load().require(), dw, op.inputs[0].dtype, **_attributes(op))
