"""Latents from seeds: what a seed stands for, whatever batch it is drawn in."""

import numpy as np
import tensorflow as tf


def z_from_seeds(seeds, latent_size: int):
    """One latent for each seed, [N, latent_size]; a seed gives the same one in any batch."""
    return _normals(seeds, [latent_size], stream=0)


def noise_from_seeds(seeds, shapes: list[tuple[int, int]]) -> list[tf.Tensor]:
    """Noise images for each layer and seed, a list of [N, h, w, 1]."""
    return [
        _normals(seeds, [height, width, 1], stream=layer)
        for layer, (height, width) in enumerate(shapes, start=1)
    ]


def parse_seeds(text: str) -> list[int]:
    """ "0-3,8" → [0, 1, 2, 3, 8].

    Raises:
        ValueError: if it is not numbers and ranges.
    """
    seeds = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            raise ValueError(f"--seeds {text}: write numbers and ranges, such as 0-15,42") from None
        if high < low:
            raise ValueError(f"--seeds {text}: the range {part} ends before it begins")
        seeds += range(low, high + 1)
    return seeds


def _normals(seeds, shape, stream: int):
    keys = tf.stack(
        [tf.constant(np.asarray(seeds, np.int64)), tf.fill([len(seeds)], np.int64(stream))], 1
    )
    return tf.map_fn(
        lambda key: tf.random.stateless_normal(shape, key), keys, fn_output_signature=tf.float32
    )
