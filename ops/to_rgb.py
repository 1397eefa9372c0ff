"""Colours of feature maps: a 1×1 convolution and its bias."""

import tensorflow as tf

from . import dispatch
from .conv2d import conv2d

MOST = 4  # channels of a picture that the kernel makes


def to_rgb(x, w, bias, implementation="auto", scale=1.0):
    """`x · (scale · w) + bias` for each pixel, in float32. Any order of derivative.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        w: [1, 1, C, D].
        bias: [D].
        implementation: `"auto"`, `"compiled"` or `"reference"`. The compiled form is for CPUs, and
            pictures of up to four channels.
        scale: float, multiplies `w`.

    Returns:
        [N, H, W, D], float32.
    """
    x = tf.convert_to_tensor(x)
    w, bias = tf.cast(w, tf.float32), tf.cast(bias, tf.float32)
    kernels = dispatch.kernels(implementation, x.dtype)
    if kernels is None or w.shape[3] > MOST or tf.config.list_physical_devices("GPU"):
        return tf.cast(conv2d(x, w, implementation, scale), tf.float32) + bias
    y = kernels.stylegan_to_rgb(x=x, w=w, bias=bias, scale=scale)
    y.set_shape([*x.shape[:3], w.shape[3]])
    return y


@tf.RegisterGradient("StyleganToRgb")
def _gradient(op, dy):
    x, w, _ = op.inputs
    scale = op.get_attr("scale")
    dx = tf.nn.conv2d(dy, tf.transpose(w * scale, [0, 1, 3, 2]), 1, "SAME")
    pixels, colours = (tf.reshape(one, [-1, one.shape[3]]) for one in (x, dy))
    dw = tf.matmul(tf.cast(pixels, tf.float32), colours, transpose_a=True) * scale
    return tf.cast(dx, x.dtype), tf.reshape(dw, w.shape), tf.reduce_sum(colours, 0)
