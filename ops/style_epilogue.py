"""What follows every convolution of the synthesis network: noise, bias, lrelu, AdaIN."""

import tensorflow as tf

from .bias_act import leaky_relu
from .choice import choose

EPSILON = 1e-8


def style_epilogue(x, noise, noise_strength, bias, style, implementation="auto"):
    """`AdaIN(lrelu(x + noise · strength + bias), style)` (paper, figure 1b and equation 1).

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        noise: [1 or N, H, W, 1], or None for no noise.
        noise_strength: [C], or None where `noise` is None.
        bias: [C].
        style: [N, 2·C]: the scale minus 1, then the bias of each feature map.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [N, H, W, C], in the dtype of `x`. Statistics are taken in float32.

    Raises:
        ValueError: if `bias` or `style` does not fit the channels of `x`.
    """
    choose(implementation)
    x = tf.convert_to_tensor(x)
    channels = x.shape[-1]
    if bias.shape[0] != channels or style.shape[-1] != 2 * channels:
        raise ValueError(
            f"x has {channels} channels: bias must be [{channels}] and style [N, {2 * channels}], "
            f"but they are {tuple(bias.shape)} and {tuple(style.shape)}"
        )
    offset = tf.cast(bias, tf.float32)
    if noise is not None:
        offset = offset + tf.cast(noise, tf.float32) * tf.cast(noise_strength, tf.float32)
    y = leaky_relu(tf.cast(x, tf.float32) + offset)
    return tf.cast(adain(y, tf.cast(style, tf.float32)), x.dtype)


def adain(y, style):
    """Instance norm and style of y [N, H, W, C] by style [N, 2·C], both float32."""
    scale, shift = tf.split(style[:, None, :], 2, axis=-1)  # [N, 1, C] each
    pixels = tf.reshape(y, [tf.shape(y)[0], -1, y.shape[-1]])  # [N, H·W, C]
    centered = pixels - _mean(pixels)
    variance = _mean(tf.square(centered))  # [N, 1, C]
    styled = centered * (tf.math.rsqrt(variance + EPSILON) * (scale + 1)) + shift
    return tf.ensure_shape(tf.reshape(styled, tf.shape(y)), y.shape)


def _mean(pixels):
    """[N, P, C] → [N, 1, C]. A matrix product: on a CPU it is twice as fast as tf.reduce_mean."""
    count = tf.shape(pixels)[1]
    weights = tf.fill([tf.shape(pixels)[0], 1, count], 1 / tf.cast(count, pixels.dtype))
    return tf.matmul(weights, pixels)
