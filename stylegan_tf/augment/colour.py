"""Brightness, contrast, inverted luma, hue and saturation, as one map of RGB."""

from __future__ import annotations

import math

import numpy as np

from stylegan_tf.augment.transforms import Draws
from stylegan_tf.lazy_tensorflow import tf

NAMES = ("brightness", "contrast", "lumaflip", "hue", "saturation")
BRIGHTNESS = 0.2  # deviation
LOG2_CONTRAST, LOG2_SATURATION = 0.5, 1.0
GREY = np.full([3, 3], 1 / 3)  # projects on the axis of greys, v·vᵀ
COLOUR = np.eye(3) - GREY  # projects on the plane of colours
TURN = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)  # v × …: by a right angle


def matrices(draws: Draws) -> tf.Tensor:
    """Returns the maps of RGB, [N, 3, 4]: a matrix and what is added.

    All of them keep the axis of greys: along it they multiply by the contrast, and across it they
    rotate and multiply by contrast and saturation.

    Args:
        draws: for N images.
    """
    gain, offset = grey(draws)
    angle = draws.column("hue", lambda u: (2 * u - 1) * math.pi)
    contrast = _contrast(draws)
    colour = contrast * draws.column("saturation", lambda n: 2 ** (LOG2_SATURATION * n), 1.0)
    parts = [gain, colour * tf.cos(angle), colour * tf.sin(angle), offset]
    count = tf.shape(next(iter(draws.values.values())))[0]
    parts = tf.stack([tf.broadcast_to(one, [count]) for one in parts], axis=1)
    basis = np.zeros([4, 3, 4], np.float32)
    basis[:3, :, :3] = GREY, COLOUR, TURN
    basis[3, :, 3] = 1
    return tf.reshape(tf.matmul(parts, basis.reshape(4, 12)), [-1, 3, 4])


def grey(draws: Draws) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns what greys are multiplied by, and what is added then; [N] each, or numbers."""
    flip = draws.column("lumaflip", lambda u: 1 - 2 * tf.floor(2 * u), 1.0)
    gain = flip * _contrast(draws)
    return gain, gain * draws.column("brightness", lambda n: BRIGHTNESS * n)


def _contrast(draws: Draws) -> tf.Tensor:
    return draws.column("contrast", lambda n: 2 ** (LOG2_CONTRAST * n), 1.0)


def apply(draws: Draws, images: tf.Tensor) -> tf.Tensor:
    """Returns images of other colours. The fourth channel of RGBA stays.

    Args:
        draws: for N images.
        images: [N, H, W, C]; C is 1, 3 or 4.

    Raises:
        ValueError: for another number of channels.
    """
    channels = images.shape[3]
    if channels == 1:
        gain, offset = (tf.reshape(one, [-1, 1, 1, 1]) for one in grey(draws))
        return images * gain + offset
    if channels == 4:
        rgb = apply(draws, images[..., :3])
        return tf.concat([rgb, images[..., 3:]], axis=3)
    if channels != 3:
        raise ValueError(f"images have {channels} channels; transforms of colours take 1, 3 or 4")
    maps = matrices(draws)
    pixels = tf.reshape(images, [-1, images.shape[1] * images.shape[2], 3])
    pixels = tf.matmul(pixels, maps[:, :, :3], transpose_b=True) + maps[:, None, :, 3]
    return tf.reshape(pixels, tf.shape(images))
