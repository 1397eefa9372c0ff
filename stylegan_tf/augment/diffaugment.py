"""DiffAugment: every image gets other colours, is moved, and loses a square.

Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from stylegan_tf.augment import corruptions
from stylegan_tf.augment.augmentation import AUGMENTATIONS
from stylegan_tf.augment.transforms import parse
from stylegan_tf.lazy_tensorflow import tf

TRANSFORMS = ("color", "translation", "cutout")
TRANSLATION = 1 / 8  # of the image's size, at most


@AUGMENTATIONS.register("diffaug")
class DiffAugment:
    """Changes the colours of every image, moves it, and cuts out a square.

    Args:
        transforms: which of "color", "translation" and "cutout".
    """

    def __init__(self, transforms: str | Iterable[str] = TRANSFORMS) -> None:
        self.names = parse(transforms, TRANSFORMS, {})

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns changed images; differentiable twice.

        Args:
            images: [N, H, W, C] of known H, W and C.
            rng: as for `Augmentation`.
        """
        count = images.shape[0] if images.shape[0] is not None else tf.shape(images)[0]
        numbers = rng.uniform([count, 7])
        if "color" in self.names:
            images = recolour(images, numbers[:, :3])
        if "translation" in self.names:
            images = translate(images, shifts(numbers[:, 3:5], *images.shape[1:3]))
        if "cutout" in self.names:
            images = images * corruptions.mask(numbers[:, 5:], True, *images.shape[1:3])
        return images


def recolour(images: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """Returns images of another brightness, saturation and contrast.

    Args:
        images: [N, H, W, C]. The fourth channel of RGBA stays.
        numbers: [N, 3], from 0 to 1: brightness from -0.5 to 0.5 is added, then differences from
            the mean of a pixel are multiplied by 0 to 2, then those from the mean of the image by
            0.5 to 1.5.
    """
    if images.shape[3] == 4:
        return tf.concat([recolour(images[..., :3], numbers), images[..., 3:]], axis=3)
    brightness, saturation, contrast = (
        tf.reshape(one, [-1, 1, 1, 1]) for one in tf.unstack(numbers, axis=1)
    )
    images += brightness - 0.5
    images = _around(images, [3], 2 * saturation)
    return _around(images, [1, 2, 3], contrast + 0.5)


def _around(images: tf.Tensor, axes: list[int], factor: tf.Tensor) -> tf.Tensor:
    """Multiplies the differences from the mean over some axes."""
    mean = tf.reduce_mean(images, axes, keepdims=True)
    return mean + (images - mean) * factor


def shifts(numbers: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """Returns by how many pixels to move to the right and down, int32 [N, 2].

    Args:
        numbers: [N, 2], from 0 to 1.
        height: of the images. All whole shifts of an eighth of that and less are equally likely.
        width: theirs.
    """
    most = np.round([TRANSLATION * width, TRANSLATION * height])
    return tf.cast(tf.floor(numbers * np.float32(2 * most + 1)) - np.float32(most), tf.int32)


def translate(images: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
    """Returns images moved by whole pixels, with zeros where they were.

    The transpose moves back; given as the gradient it saves a scatter.

    Args:
        images: [N, H, W, C].
        shift: int32 [N, 2], to the right and down.
    """
    _, height, width, channels = images.shape
    x, y = (tf.range(size) - shift[:, axis, None] for axis, size in enumerate((width, height)))
    is_known = _is_within(y, height)[:, :, None] & _is_within(x, width)[:, None, :]
    rows, columns = tf.clip_by_value(y, 0, height - 1), tf.clip_by_value(x, 0, width - 1)
    source = tf.reshape(rows[:, :, None] * width + columns[:, None, :], [-1, height * width])

    @tf.custom_gradient
    def move(images: tf.Tensor) -> tuple[tf.Tensor, Any]:
        pixels = tf.reshape(images, [-1, height * width, channels])
        moved = tf.reshape(tf.gather(pixels, source, batch_dims=1), tf.shape(images))
        moved *= tf.cast(is_known, images.dtype)[..., None]
        return tf.ensure_shape(moved, images.shape), lambda dy: translate(dy, -shift)

    return move(images)


def _is_within(place: tf.Tensor, size: int) -> tf.Tensor:
    return (place >= 0) & (place < size)
