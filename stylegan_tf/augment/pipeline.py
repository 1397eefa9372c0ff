"""The transforms of adaptive discriminator augmentation, each with a probability."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stylegan_tf.augment import colour, corruptions, filters, geometry
from stylegan_tf.augment.augmentation import AUGMENTATIONS
from stylegan_tf.augment.transforms import Draws, parse
from stylegan_tf.lazy_tensorflow import tf


@AUGMENTATIONS.register("fixed")
class Fixed:
    """Applies each transform to an image with the same probability (Karras et al. 2020, ADA).

    Args:
        p: probability of each transform, from 0 to 1.
        transforms: names of groups and of transforms: "bgc", the default, is flips, rotations,
            translations, scales and colours; "bgcfnc" adds filters, noise and cutout.
    """

    def __init__(self, p: float = 0.2, transforms: str | Iterable[str] = "bgc") -> None:
        if not is_number(p) or not 0 <= p <= 1:
            raise ValueError(f"p is {p!r}; it must be from 0 to 1")
        self.start = float(p)
        self.names = parse(transforms)

    @property
    def p(self) -> Any:
        """The probability now, float32 scalar."""
        return tf.constant(self.start)

    @property
    def statistics(self) -> dict[str, float]:
        """What goes to the log."""
        return {"aug_p": float(self.p)}

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns transformed images; differentiable twice.

        Args:
            images: [N, H, W, C] of known H, W and C; C is 1, 3 or 4.
            rng: as for `Augmentation`.
        """
        count = images.shape[0] if images.shape[0] is not None else tf.shape(images)[0]
        draws = Draws.sample(rng, self.names, count, self.p)
        return apply(draws, images, rng)


def apply(draws: Draws, images: tf.Tensor, rng: Any) -> tf.Tensor:
    """Returns transformed images.

    Args:
        draws: random numbers of the transforms that are applied, for N images.
        images: [N, H, W, C].
        rng: for the noise.
    """
    if not draws.values.keys().isdisjoint(geometry.NAMES):
        images = geometry.apply(draws, images)
    if not draws.values.keys().isdisjoint(colour.NAMES):
        images = colour.apply(draws, images)
    if "imgfilter" in draws:
        images = filters.apply(draws, images)
    if "noise" in draws:
        images = corruptions.add_noise(draws, images, rng)
    if "cutout" in draws:
        images = corruptions.cut_out(draws, images)
    return images


def is_number(value: Any) -> bool:
    """Returns whether a value of an option is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
