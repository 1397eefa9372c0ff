"""Images as they are stored (uint8), as the networks see them (float in [-1, 1]), and as RGB."""

import tensorflow as tf

from stylegan_tf.layers.resample import downsample, upsample
from stylegan_tf.models.growing import blend


def to_float(images: tf.Tensor) -> tf.Tensor:
    """Returns uint8 [0, 255] as float32 [-1, 1]: x / 127.5 - 1."""
    return tf.cast(images, tf.float32) * (1 / 127.5) - 1


def to_uint8(images: tf.Tensor) -> tf.Tensor:
    """Returns float [-1, 1] as uint8 [0, 255]: x · 127.5 + 128, saturated and truncated.

    That is how the published networks' images are stored.
    """
    images = tf.cast(images, tf.float32) * 127.5 + 128.0
    return tf.cast(tf.clip_by_value(images, 0.0, 255.0), tf.uint8)


def to_rgb(images: tf.Tensor) -> tf.Tensor:
    """Returns images of any kind as RGB: grey is repeated, transparent parts become white.

    White is also what `stylegan-tf dataset create` puts behind them, and every part of this package
    that needs RGB comes here: an RGBA image is one image everywhere.

    Args:
        images: [..., H, W, C], C 1 (grey), 3 (RGB) or 4 (RGBA); uint8, or floats nominally in
            [-1, 1], which are not rounded.

    Returns:
        [..., H, W, 3], in the dtype of `images`.
    """
    images = tf.convert_to_tensor(images)
    channels = images.shape[-1]
    if channels == 1:
        return tf.repeat(images, 3, axis=-1)
    if channels != 4:
        return images
    if images.dtype.is_floating:
        return composite_on_white(images, -1.0, 1.0)
    composed = composite_on_white(tf.cast(images, tf.float32), 0.0, 255.0)
    return tf.cast(tf.round(composed), tf.uint8)


def composite_on_white(images: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Returns RGBA images in front of white.

    Args:
        images: floats [..., H, W, 4], RGB and alpha both from `low` to `high`.
        low: what black is, and full transparency.
        high: what white is, and full opacity.

    Returns:
        [..., H, W, 3].
    """
    alpha = tf.clip_by_value((images[..., 3:] - low) / (high - low), 0.0, 1.0)
    return high + (images[..., :3] - high) * alpha


def fade_reals(images: tf.Tensor, fade: float | tf.Tensor) -> tf.Tensor:
    """Returns real images as the growing networks show theirs: blended with their 2×2 means.

    Args:
        images: [N, H, W, C] float.
        fade: scalar in [0, 1]; 1 leaves them as they are.

    Returns:
        [N, H, W, C].
    """
    if images.shape[1] == 4:  # nothing lower fades in
        return images
    return blend(upsample(downsample(images)), images, fade)
