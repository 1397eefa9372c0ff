"""No augmentation."""

from stylegan_tf.augment.augmentation import AUGMENTATIONS


@AUGMENTATIONS.register("none")
class NoAugmentation:
    """Leaves images as they are."""

    def __call__(self, images, rng):
        """Returns `images`."""
        return images
