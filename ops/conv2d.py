"""A plain convolution, in the form that the machine is fastest at."""

import functools
from pathlib import Path

import tensorflow as tf

from . import choice

# Below so many pixels turning the kernel costs more than it brings.
PIXELS = 32 * 32


def conv2d(x, w):
    """Convolves (SAME, zeros outside). Any order of derivative.

    On x86 processors without AVX-512, oneDNN copies every patch of a single picture before it
    multiplies, but not where the same convolution is written as the gradient of another one, by its
    input: 1.3 to 3 times faster at the sizes of StyleGAN. With more pictures both are alike.

    Args:
        x: [N, H, W, C_in].
        w: [k, k, C_in, C_out] with k odd, in the dtype of `x`.

    Returns:
        [N, H, W, C_out].
    """
    if _is_single(x, w) and not choice.is_plain() and _needs_it():
        return _turned(x, w)
    return tf.nn.conv2d(x, w, strides=1, padding="SAME")


def _is_single(x, w) -> bool:
    n, h, width, _ = x.shape
    return n == 1 and None not in (h, width) and h * width >= PIXELS and w.shape[0] > 1


@functools.cache
def _needs_it() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    on_cpu = not tf.config.list_physical_devices("GPU")
    return on_cpu and "avx2" in flags and "avx512f" not in flags


@tf.custom_gradient
def _turned(x, w):
    arguments = {"strides": [1, 1, 1, 1], "padding": "SAME"}
    y = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=[*x.shape[:3], w.shape[3]],
        filter=tf.transpose(tf.reverse(w, [0, 1]), [0, 1, 3, 2]),
        out_backprop=x,
        **arguments,
    )

    def grad(dy):  # that of the plain convolution
        dx = tf.raw_ops.Conv2DBackpropInput(
            input_sizes=tf.shape(x), filter=w, out_backprop=dy, **arguments
        )
        dw = tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=tf.shape(w), out_backprop=dy, **arguments
        )
        return tf.ensure_shape(dx, x.shape), tf.ensure_shape(dw, w.shape)

    return y, grad
