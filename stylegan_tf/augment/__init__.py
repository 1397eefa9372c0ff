"""Augmentations in front of the discriminator by name. Users add theirs with `register`.

Example:
    @sg.augment.register("brightness")
    class Brightness:
        def __call__(self, images, rng):
            return images + 0.2 * rng.normal([images.shape[0], 1, 1, 1])
"""

from stylegan_tf.augment import adaptive, diffaugment, pipeline  # noqa: F401  register theirs
from stylegan_tf.augment.augmentation import AUGMENTATIONS, Augmentation

__all__ = ["Augmentation", "get", "names", "register"]

register = AUGMENTATIONS.register
get = AUGMENTATIONS.get


def names() -> list[str]:
    """Returns the names of all augmentations."""
    return list(AUGMENTATIONS)
