"""Noise that is added to images, and squares that are cut out of them."""

from __future__ import annotations

from typing import Any

from stylegan_tf.augment.transforms import Draws
from stylegan_tf.lazy_tensorflow import tf

DEVIATION = 0.1  # of the strength of the noise
CUTOUT = 0.5  # side of the square, relative to that of the image


def add_noise(draws: Draws, images: tf.Tensor, rng: Any) -> tf.Tensor:
    """Returns images with noise of a strength of their own.

    Args:
        draws: for N images.
        images: [N, H, W, C].
        rng: as an `Augmentation` gets it, for the noise.
    """
    return images + deviation(draws)[:, None, None] * rng.normal(tf.shape(images))


def deviation(draws: Draws) -> tf.Tensor:
    """Returns the strength of the noise of each image, [N, 1]."""
    return draws.gated("noise", lambda n: DEVIATION * tf.abs(n))


def cut_out(draws: Draws, images: tf.Tensor) -> tf.Tensor:
    """Returns images with a square of zeros.

    Args:
        draws: for N images.
        images: [N, H, W, C].
    """
    _, height, width, _ = images.shape
    is_on = draws.gates["cutout"] < draws.p
    return images * mask(draws.values["cutout"], is_on, height, width)


def mask(centres: tf.Tensor, is_on: Any, height: int, width: int) -> tf.Tensor:
    """Returns 0 within squares and 1 elsewhere, [N, H, W, 1].

    Args:
        centres: [N, 2] of the squares, x and y from 0 to 1.
        is_on: bool [N, 1], or bool: whether there is a square.
        height: H.
        width: W.
    """
    within_x = _is_near(centres[:, :1], width)[:, None, :]
    within_y = _is_near(centres[:, 1:], height)[:, :, None]
    is_cut = within_x & within_y & tf.reshape(is_on, [-1, 1, 1])
    return tf.cast(~is_cut, tf.float32)[..., None]


def _is_near(centre: tf.Tensor, size: int) -> tf.Tensor:
    """Whether pixels are within the square along one axis, [N, size]."""
    places = (tf.range(size, dtype=tf.float32) + 0.5) / size
    return tf.abs(places - centre) < CUTOUT / 2
