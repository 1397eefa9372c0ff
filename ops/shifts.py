"""Kernels of convolutions fused with resampling: the sum of the four shifts of a plain one."""

import numpy as np
import tensorflow as tf

from . import library


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


def shifted_kernel(kernels, w, scale=1.0, transposed=False):
    """`scale` times the sum of the shifts, compiled: [k, k, C, D] → [k + 1, k + 1, C, D].

    With `transposed` it is that of `w` turned round, and laid out [k + 1, k + 1, D, C], as a
    transposed convolution takes it.
    """
    shifted = kernels.stylegan_shifted_kernel(w=w, scale=scale, transposed=transposed)
    size, (c, d) = w.shape[0] + 1, w.shape[2:]
    shifted.set_shape([size, size, d, c] if transposed else [size, size, c, d])
    return shifted


@tf.RegisterGradient("StyleganShiftedKernel")
def _gradient(op, dy):
    scale, transposed = op.get_attr("scale"), op.get_attr("transposed")
    kernels = library.load().module
    dw = kernels.stylegan_shifted_kernel_grad(g=dy, scale=scale, transposed=transposed)
    dw.set_shape(op.inputs[0].shape)
    return dw


@tf.RegisterGradient("StyleganShiftedKernelGrad")
def _gradient_of_gradient(op, dw):
    kernels = library.load().module
    return shifted_kernel(kernels, dw, op.get_attr("scale"), op.get_attr("transposed"))
