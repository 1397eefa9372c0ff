"""Between stored pictures (uint8) and those of the networks (float, nominally [-1, 1])."""

import tensorflow as tf

from stylegan_tf.layers.resample import downsample, upsample
from stylegan_tf.models.fading import blend


def to_float(images):
    """uint8 [0, 255] → float32 [-1, 1]: x / 127.5 - 1."""
    return tf.cast(images, tf.float32) * (1 / 127.5) - 1


def to_uint8(images):
    """float [-1, 1] → uint8 [0, 255]: x · 127.5 + 128, saturated and truncated, as published."""
    images = tf.cast(images, tf.float32) * 127.5 + 128.0
    return tf.cast(tf.clip_by_value(images, 0.0, 255.0), tf.uint8)


def fade_reals(images, fade):
    """Shows real pictures as the growing networks do: blended with their 2×2 means.

    Args:
        images: [N, H, W, C] float.
        fade: scalar in [0, 1]; 1 leaves them as they are.

    Returns:
        [N, H, W, C].
    """
    if images.shape[1] == 4:  # nothing lower fades in
        return images
    return blend(upsample(downsample(images)), images, fade)
