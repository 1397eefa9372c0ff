"""What an augmentation is, the registry of them, and the one that comes along: none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from stylegan_tf.registry import Registry

if TYPE_CHECKING:
    import tensorflow as tf


class Augmentation(Protocol):
    """A differentiable change of all images, real and generated, that the discriminator sees.

    One that adapts is an `AdaptiveAugmentation`. If it is a `tf.Module`, its variables are saved
    and restored with the run.
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

        Args:
            sign: mean sign of the discriminator's logits of real images, float32 scalar.
        """


AUGMENTATIONS: Registry[type[Augmentation]] = Registry("augmentation")


@AUGMENTATIONS.register("none")
class NoAugmentation:
    """Leaves images as they are."""

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns `images`."""
        return images
