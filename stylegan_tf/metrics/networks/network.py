"""Networks that make features of images, and what several of them share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class FeatureNetwork:
    """Features of images, and how probable each class is where the network knows classes.

    Attributes:
        name: as in the names of metrics.
        sha256: of its weights, in hexadecimal.
        width: features of an image, D.
        classes: C, or None.
        compute: uint8 [N, H, W, 3] -> float32 [N, D], and float32 [N, C] or None.

    Call arguments:
        images: uint8 [N, H, W, 3]; H and W are any that are known when a graph is traced: the
            network resizes images as it needs them.

    Returns:
        Features, float32 [N, D], and probabilities, float32 [N, C], or None without classes.
    """

    name: str
    sha256: str
    width: int
    classes: int | None
    compute: Callable[..., Any]

    def __call__(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Returns features and probabilities."""
        images = tf.convert_to_tensor(images)
        if images.dtype != tf.uint8 or images.shape.rank != 4 or images.shape[-1] != 3:
            raise ValueError(
                f"images: uint8 [N, H, W, 3] are expected, not {images.dtype.name} "
                f"{images.shape.as_list()}"
            )
        return self.compute(images)


def constant(array: np.ndarray) -> tf.Variable:
    """Returns weights, of which each device of a tf.distribute strategy holds its own copy."""
    return tf.Variable(array, trainable=False, dtype=tf.float32)


def centred(images: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
    """Returns images as float32 in [-1, 1], [N, *size, 3], resized without aliasing.

    Where no published code says how, images are reduced as Parmar et al. (2022) recommend: each
    new pixel is a mean of all that it covers.
    """
    x = tf.cast(images, tf.float32)
    if tuple(images.shape[1:3]) != size:
        x = tf.image.resize(x, size, antialias=True)
    return x / 127.5 - 1.0


def fold_batch_norm(
    kernel: np.ndarray, normalization: Iterable[np.ndarray], epsilon: float
) -> tuple[np.ndarray, np.ndarray]:
    """Returns kernel and bias of a convolution that does the batch normalization after it, too.

    Args:
        kernel: [..., D].
        normalization: scale, shift, mean and variance of the normalization that follows it, [D].
        epsilon: beside the variance.
    """
    scale, shift, mean, variance = normalization
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    return (kernel * factor).astype(np.float32), (shift - mean * factor).astype(np.float32)
