"""Latents, noise and labels from seeds: what a seed stands for, whatever batch it is in."""

import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from stylegan_tf.labels import Label, LabelSpace

UNIFORM_STREAM = -1  # z has stream 0 of a seed, the noise of the layers those from 1 on


def z_from_seeds(seeds: ArrayLike | tf.Tensor, latent_size: int) -> tf.Tensor:
    """Returns one latent for each seed, [N, latent_size]; a seed's is the same in any batch."""
    return normals_from_seeds(seeds, [[latent_size]])[0]


def noise_from_seeds(
    seeds: ArrayLike | tf.Tensor, shapes: list[tuple[int, int]]
) -> list[tf.Tensor]:
    """Returns the noise of each layer and seed, a list of [N, h, w, 1]."""
    return normals_from_seeds(seeds, [[*sides, 1] for sides in shapes], first=1)


def labels_from_seeds(seeds: ArrayLike | tf.Tensor, space: LabelSpace) -> tf.Tensor:
    """Returns the label that each seed has, [N, size], as frequent as in the training.

    Args:
        seeds: N numbers, or an int64 tensor of them.
        space: the labels of the network; there must be some.
    """
    rows = tf.searchsorted(space.ends, uniform_from_seeds(seeds), side="right")
    if space.samples is None:
        return tf.one_hot(rows, space.size)
    return tf.gather(tf.constant(space.samples, tf.float32), rows)


def labels_of(label: Label, seeds: ArrayLike, space: LabelSpace) -> np.ndarray | None:
    """Returns the label of each seed's image, float32 [N, size]; None for networks without labels.

    Args:
        label: as in `LabelSpace.vectors`; None for the label that each seed has.
        seeds: N numbers.
        space: the labels of the network.

    Raises:
        ValueError: if the network has no such label.
    """
    if label is not None:
        return space.vectors(label, len(np.asarray(seeds)))
    return labels_from_seeds(seeds, space).numpy() if space.size else None


def uniform_from_seeds(seeds: ArrayLike | tf.Tensor) -> tf.Tensor:
    """Returns a number in [0, 1) for each seed, [N], independent of its z and noise."""

    def sample(seed: tf.Tensor) -> tf.Tensor:
        return tf.random.stateless_uniform([], tf.stack([seed, UNIFORM_STREAM]))

    return tf.map_fn(sample, _as_tensor(seeds), fn_output_signature=tf.float32)


def normals_from_seeds(
    seeds: ArrayLike | tf.Tensor, shapes: list[list[int]], first: int = 0
) -> list[tf.Tensor]:
    """Returns normally distributed numbers for each seed, a list of [N, *shape].

    Args:
        seeds: N numbers, or an int64 tensor of them.
        shapes: one for each stream of numbers.
        first: number of the first stream; 0 is z, the others are the noise of the layers.
    """
    if not shapes:
        return []

    def sample(seed: tf.Tensor) -> list[tf.Tensor]:
        return [
            tf.random.stateless_normal(shape, tf.stack([seed, stream]))
            for stream, shape in enumerate(shapes, start=first)
        ]

    return tf.map_fn(sample, _as_tensor(seeds), fn_output_signature=[tf.float32] * len(shapes))


def parse_seeds(text: str, option: str = "--seeds") -> list[int]:
    """Returns the numbers of a text: "0-3,8" → [0, 1, 2, 3, 8].

    Args:
        text: numbers and ranges with commas between them.
        option: what a message calls it.

    Raises:
        ValueError: if it is something else.
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            wrong = f"{option} {text}"
            raise ValueError(f"{wrong}: write numbers and ranges, such as 0-15,42") from None
        if high < low:
            raise ValueError(f"{option} {text}: the range {part} ends before it begins")
        seeds += range(low, high + 1)
    return seeds


def _as_tensor(seeds: ArrayLike | tf.Tensor) -> tf.Tensor:
    return seeds if tf.is_tensor(seeds) else tf.constant(np.asarray(seeds, np.int64))
