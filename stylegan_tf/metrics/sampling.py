"""The generator's side of metrics: images of seeds in the published sampling.

No truncation, fresh noise, and labels with the frequencies of the data. A seed gives the image
that it gives to `stylegan-tf generate` with `--trunc 1`, on any number of replicas.
"""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.images import to_rgb, to_uint8
from stylegan_tf.metrics.replicas import Replicas

APART = 1 << 32  # seeds of samples from one --seed to the next: sets have no image in common


def seeds_of(seed: int, count: int) -> np.ndarray:
    """Returns the seeds of so many samples, int64 [count]: from 0 on for seed 0."""
    return seed * APART + np.arange(count, dtype=np.int64)


def sampled(
    generator,
    look: Callable,
    count: int,
    replicas: Replicas,
    labels: np.ndarray | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Generates images and yields what a network sees in them; images stay on their device.

    Args:
        generator: a `Generator`; images are of the resolution and fade that it has grown to.
        look: of images, uint8 [n, r, r, 3], and their z and w; gives a tuple of tensors, [n, …].
        count: how many images.
        replicas: where they are generated.
        labels: one for each, [count, label_size], for a network with labels.
        seed: of all random numbers.
        progress: called with (done, count).

    Yields:
        a tuple of arrays for some of the images, in order.
    """
    generator = replicas.at_hand(generator)

    def draw(seeds, labels=None):
        z, noise = generation.sample_inputs(generator, seeds)
        w = generator.mapping(z, labels)
        images = generation.synthesize(generator, w, noise)
        return look(to_rgb(to_uint8(images)), z, w)

    arrays = [seeds_of(seed, count)] + ([] if labels is None else [labels[:count]])
    found = replicas.compute(draw, in_parts(arrays, replicas.size))
    yield from counted(found, count, progress)


def in_parts(arrays: list[np.ndarray], size: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields successive samples of arrays that are as long as each other, `size` at a time."""
    for start in range(0, len(arrays[0]), size):
        yield tuple(array[start : start + size] for array in arrays)


def counted(batches: Iterator, count: int, progress: Callable | None) -> Iterator:
    """Yields the same batches; after each, `progress` gets how many samples of `count` are done."""
    done = 0
    for batch in batches:
        done += len(batch[0])
        if progress:
            progress(done, count)
        yield batch


def unseen(what: str):
    """Returns progress that nobody sees: a context manager, as of `cli.progress.progress_of`."""
    return contextlib.nullcontext()


def batch_for(resolution: int) -> int:
    """Returns images at a time on a replica: fewer of large ones, more on GPUs, which are quick."""
    most = 64 if tf.config.list_physical_devices("GPU") else 16
    return max(4, min(most, 2**23 // resolution**2))
