"""A network that makes features of pictures."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf


@dataclass(frozen=True)
class FeatureNetwork:
    """Features of pictures, and how probable each class is where the network knows classes.

    Attributes:
        name: as in the names of metrics.
        sha256: of its weights, in hexadecimal.
        width: features of a picture, D.
        classes: C, or None.
        compute: uint8 [N, H, W, 3] -> float32 [N, D], and float32 [N, C] or None.

    Call arguments:
        pictures: uint8 [N, H, W, 3]; H and W are any that are known when a graph is traced: the
            network resizes pictures as it wants them.

    Returns:
        Features, float32 [N, D], and probabilities, float32 [N, C], or None without classes.
    """

    name: str
    sha256: str
    width: int
    classes: int | None
    compute: Callable

    def __call__(self, pictures):
        """Returns features and probabilities."""
        pictures = tf.convert_to_tensor(pictures)
        if pictures.dtype != tf.uint8 or pictures.shape.rank != 4 or pictures.shape[-1] != 3:
            raise ValueError(
                f"pictures: uint8 [N, H, W, 3] are expected, not {pictures.dtype.name} "
                f"{pictures.shape.as_list()}"
            )
        return self.compute(pictures)


def constant(array) -> tf.Variable:
    """Weights, of which each device of a tf.distribute strategy holds its own copy."""
    return tf.Variable(array, trainable=False, dtype=tf.float32)


def centred(pictures, size: tuple[int, int]):
    """Pictures as float32 in [-1, 1], [N, *size, 3], resized without aliasing where they differ.

    Where no published code says how, pictures are reduced as Parmar et al. (2022) recommend: each
    new pixel is a mean of all that it covers.
    """
    x = tf.cast(pictures, tf.float32)
    if tuple(pictures.shape[1:3]) != size:
        x = tf.image.resize(x, size, antialias=True)
    return x / 127.5 - 1.0
