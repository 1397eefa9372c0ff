"""What an augmentation is, and the registry of them."""

from typing import Protocol

from stylegan_tf.registry import Registry


class Augmentation(Protocol):
    """A differentiable change of all images, real and generated, that the discriminator sees.

    One that adapts has a method `update(sign)`, too, which is called between steps with the mean
    sign of the discriminator's logits of real images. If it is a `tf.Module`, its variables are
    saved and restored with the run.
    """

    def __call__(self, images, rng):
        """Returns other images of the same shape.

        Args:
            images: [N, r, r, C], float32, nominally in [-1, 1].
            rng: random numbers for these images; `rng.uniform(shape)` and `rng.normal(shape)` give
                fresh ones at each call. The same images get the same numbers again in a step.
        """


AUGMENTATIONS: Registry[type[Augmentation]] = Registry("augmentation")
