"""What an augmentation is, the registry of them, and the one that comes along: none."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Protocol

from stylegan_tf.registry import Registry

if TYPE_CHECKING:
    import tensorflow as tf


class Augmentation(Protocol):
    """A differentiable change of all images, real and generated, that the discriminator sees.

    One that adapts is an `AdaptiveAugmentation`. What it keeps is saved and restored with the run:
    the variables of a `tf.Module`, or else those in a dictionary `state`, which `build()` makes,
    called once before training. Numbers in a dictionary `statistics` go to the log.
    """

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns other images of the same shape.

        Args:
            images: [N, r, r, C], float32, nominally in [-1, 1].
            rng: random numbers for these images; `rng.uniform(shape)` and `rng.normal(shape)` give
                fresh ones at each call. The same images get the same numbers again in a step.
        """


class AdaptiveAugmentation(Augmentation, Protocol):
    """An augmentation that changes by what the discriminator makes of real images."""

    def update(self, sign: tf.Tensor) -> None:
        """Adapts; called between steps.

        It can have more arguments, `images` and `steps`: how many real images and steps there were
        since the last call.

        Args:
            sign: mean sign of the discriminator's logits of real images, float32 scalar.
        """


def adapt(augmentation: AdaptiveAugmentation, sign: tf.Tensor, images: int, steps: int) -> None:
    """Calls the `update` of an augmentation with what it takes.

    Args:
        augmentation: the augmentation.
        sign: mean sign of the logits of real images since the last call.
        images: real images since then.
        steps: steps since then.
    """
    takes = inspect.signature(augmentation.update).parameters
    counts = {"images": images, "steps": steps}
    augmentation.update(sign, **{name: n for name, n in counts.items() if name in takes})


AUGMENTATIONS: Registry[type[Augmentation]] = Registry("augmentation")


@AUGMENTATIONS.register("none")
class NoAugmentation:
    """Leaves images as they are."""

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns `images`."""
        return images
