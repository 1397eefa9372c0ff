"""Work on many samples: in batches, on every replica of a strategy, and in whole float32."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Generator


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
                found = step(*(tf.constant(array[rows]) for array in batch))
            if before:
                yield self._results(*before)
            before = found, count
        if before:
            yield self._results(*before)

    def _step(self, function: Callable) -> Callable:
        """Returns the function of whole batches; each replica takes its share."""

        def of_replica(*arrays):
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            shares = (array[replica * self.share :][: self.share] for array in arrays)
            return function(*(_of_length(self.share, share) for share in shares))

        return lambda *arrays: self.strategy.run(of_replica, args=arrays)

    def _results(self, found, count: int) -> tuple[np.ndarray, ...]:
        parts = (self.strategy.experimental_local_results(one) for one in found)
        return tuple(np.concatenate([part.numpy() for part in one])[:count] for one in parts)

    def at_hand(self, generator: Any) -> Any:
        """Returns the generator, if replicas have its variables and it is float32; or a copy.

        The copy generates what a snapshot generates that is loaded again: of a network in mixed
        precision, float32 images.
        """
        if not isinstance(generator, Generator) or self._has(generator):
            return generator
        policy = keras.mixed_precision.global_policy()
        keras.mixed_precision.set_global_policy("float32")
        try:
            with self.strategy.scope():
                copy = Generator.from_config(generator.get_config())
        finally:
            keras.mixed_precision.set_global_policy(policy)
        copy.set_weights(generator.get_weights())
        return copy

    def _has(self, generator: Generator) -> bool:
        synthesis = generator.synthesis
        layers: list[keras.layers.Layer] = [*synthesis.synthesis_layers, *synthesis.to_rgb]
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
