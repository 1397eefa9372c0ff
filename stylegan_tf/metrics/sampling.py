"""Samples of a generator for metrics, in batches, on every replica of a strategy, in float32.

Sampling is as published: no truncation, fresh noise, and labels with the frequencies of the data. A
seed gives the image that it gives to `stylegan-tf generate` with `--trunc 1`, on any number of
replicas.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.images import to_rgb, to_uint8
from stylegan_tf.models import BaseGenerator
from stylegan_tf.ops import xla

APART = 1 << 32  # seeds of samples from one --seed to the next: sets have no image in common


class Replicas:
    """The replicas of a strategy, and how many samples each of them works on at a time.

    Args:
        strategy: a `tf.distribute.Strategy`; None: one device.
        share: samples in a batch of each replica.

    Attributes:
        size: samples in a batch of all replicas.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None, share: int):
        self.strategy = strategy or tf.distribute.get_strategy()
        self.share = share
        self.size = share * self.strategy.num_replicas_in_sync

    def compute(
        self, function: Callable, batches: Iterable[tuple[np.ndarray, ...]]
    ) -> Iterator[tuple[np.ndarray, ...]]:
        """Computes a function of batches, compiled once, and yields what it gives in their order.

        While a batch is computed on a GPU, the caller has the results of the one before.

        Args:
            function: of the tensors of one replica, [share, …] each; gives a tuple of tensors with
                the same first dimension.
            batches: tuples of arrays of `size` samples; the last one may have less, and is filled
                up by repetition.

        Yields:
            tuples of arrays, without what was filled up.
        """
        step = tf.function(self._step(function), autograph=False)
        before = None
        for batch in batches:
            count = len(batch[0])
            rows = np.minimum(np.arange(self.size), count - 1)
            with whole_float32():
                outputs = step(*(tf.constant(array[rows]) for array in batch))
            if before:
                yield self._results(*before)
            before = outputs, count
        if before:
            yield self._results(*before)

    def _step(self, function: Callable) -> Callable:
        """Returns the function of whole batches; each replica takes its share."""

        def of_replica(*arrays):
            xla.stay_outside()
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            shares = (array[replica * self.share :][: self.share] for array in arrays)
            return function(*(_of_length(self.share, share) for share in shares))

        return lambda *arrays: self.strategy.run(of_replica, args=arrays)

    def _results(self, outputs, count: int) -> tuple[np.ndarray, ...]:
        parts = (self.strategy.experimental_local_results(one) for one in outputs)
        return tuple(np.concatenate([part.numpy() for part in one])[:count] for one in parts)

    def at_hand(self, generator: Any) -> Any:
        """Returns the generator, if replicas have its variables and it is float32; or a copy.

        The copy generates what a snapshot generates that is loaded again: of a network in mixed
        precision, float32 images.
        """
        if not isinstance(generator, BaseGenerator) or self._has(generator):
            return generator
        policy = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy("float32")
        try:
            with self.strategy.scope():
                copy = type(generator).from_config(generator.get_config())
        finally:
            keras.mixed_precision.set_global_policy(policy)
        copy.set_weights(generator.get_weights())
        return copy

    def _has(self, generator: BaseGenerator) -> bool:
        layers = generator.synthesis.layers_up_to(generator.resolution)
        types = {layer.compute_dtype for layer in layers}
        extended = self.strategy.extended
        return types == {"float32"} and extended.variable_created_in_scope(
            tf_variable(generator.w_avg)
        )


def _of_length(count: int, tensor):
    return tf.ensure_shape(tensor, [count, *tensor.shape[1:]])


@contextlib.contextmanager
def whole_float32() -> Iterator[None]:
    """Lets GPUs not round, inside, the factors of float32 products to the 10 bits of TF32.

    Metrics would depend on the kind of GPU, and of a path of 1e-4 nothing would be left.
    """
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def seeds_of(seed: int, count: int) -> np.ndarray:
    """Returns the seeds of so many samples, int64 [count]: from 0 on for seed 0."""
    return seed * APART + np.arange(count, dtype=np.int64)


def sampled(
    generator,
    observe: Callable,
    count: int,
    replicas: Replicas,
    labels: np.ndarray | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[tuple[np.ndarray, ...]]:
    """Generates images and yields what a network sees in them; images stay on their device.

    Args:
        generator: a `Generator`; images are of the resolution and fade that it has grown to.
        observe: of images, uint8 [n, r, r, 3], and their z and w; gives a tuple of tensors, [n, …].
        count: how many images.
        replicas: where they are generated.
        labels: one for each, [count, label_size], for a network with labels.
        seed: of all random numbers.
        progress: called with (done, count).

    Yields:
        a tuple of arrays for some of the images, in order.
    """
    generator = replicas.at_hand(generator)

    def observed(seeds, labels=None):
        z, noise = generation.sample_inputs(generator, seeds)
        w = generator.mapping(z, labels)
        images = generation.synthesize(generator, w, noise)
        return observe(to_rgb(to_uint8(images)), z, w)

    arrays = [seeds_of(seed, count)] + ([] if labels is None else [labels[:count]])
    outputs = replicas.compute(observed, in_parts(arrays, replicas.size))
    yield from counted(outputs, count, progress)


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
