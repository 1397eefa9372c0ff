"""No augmentation."""

from typing import Any

import tensorflow as tf

from stylegan_tf.augment.augmentation import AUGMENTATIONS


@AUGMENTATIONS.register("none")
class NoAugmentation:
    """Leaves images as they are."""

    def __call__(self, images: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns `images`."""
        return images
