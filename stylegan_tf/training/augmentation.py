"""The augmentation of a configuration."""

import inspect

from stylegan_tf import augment
from stylegan_tf.augment import Augmentation
from stylegan_tf.training.config import AugmentConfig


def check_options(config: AugmentConfig) -> None:
    """Raises ValueError if the augmentation does not take its options; makes no variable."""
    try:
        inspect.signature(augment.get(config.name)).bind(**config.options)
    except TypeError as error:
        raise ValueError(f"augment.options for {config.name}: {error}") from error


def make_augmentation(config: AugmentConfig) -> Augmentation:
    """Returns a new augmentation. One with variables is to be made in the scope of the strategy.

    Raises:
        ValueError: if it does not take its options.
    """
    check_options(config)
    return augment.get(config.name)(**config.options)
