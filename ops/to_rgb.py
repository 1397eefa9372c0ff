"""RGB of feature maps: a 1×1 convolution and its bias."""

import tensorflow as tf

from . import dispatch, xla
from .conv2d import conv2d
from .explanation import explained, on_cpus

MAX_CHANNELS = 4  # of an image that the compiled op makes


@explained(lambda: on_cpus(otherwise="TensorFlow's own convolution and sum"))
def to_rgb(
    x: tf.Tensor,
    w: tf.Tensor,
    bias: tf.Tensor,
    implementation: str = "auto",
    scale: float = 1.0,
) -> tf.Tensor:
    """Returns `x · (scale · w) + bias` for each pixel, in float32.

    Differentiable any number of times.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        w: [1, 1, C, D].
        bias: [D].
        implementation: `"auto"`, `"compiled"` or `"reference"`. The compiled form is for CPUs and
            images of up to four channels.
        scale: float, multiplies `w`.

    Returns:
        [N, H, W, D], float32.
    """
    x = tf.convert_to_tensor(x)
    w, bias = tf.cast(w, tf.float32), tf.cast(bias, tf.float32)
    kernels = dispatch.kernels(implementation, x.dtype)
    if kernels is None or w.shape[3] > MAX_CHANNELS or tf.config.list_physical_devices("GPU"):
        return _plain(x, w, bias, scale, implementation)
    y = kernels.stylegan_to_rgb(x=x, w=w, bias=bias, scale=scale)
    y.set_shape([*x.shape[:3], w.shape[3]])
    return y


@xla.plain_form("StyleganToRgb")
def _plain(
    x: tf.Tensor,
    w: tf.Tensor,
    bias: tf.Tensor,
    scale: float,
    implementation: str = "reference",
) -> tf.Tensor:
    return tf.cast(conv2d(x, w, implementation, scale), tf.float32) + bias


@xla.gradient("StyleganToRgb")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    x, w, _ = op.inputs
    scale = op.get_attr("scale")
    dx = tf.nn.conv2d(dy, tf.transpose(w * scale, [0, 1, 3, 2]), 1, "SAME")
    pixels, drgb = (tf.reshape(one, [-1, one.shape[3]]) for one in (x, dy))
    dw = tf.matmul(tf.cast(pixels, tf.float32), drgb, transpose_a=True) * scale
    return tf.cast(dx, x.dtype), tf.reshape(dw, w.shape), tf.reduce_sum(drgb, 0)
