"""Every random number of a training step, sampled statelessly by (seed, step, replica, network)."""

import contextlib
from typing import NamedTuple

import tensorflow as tf

D_STEP, G_STEP = 0, 1


def lazy_step(network: str, place: int) -> int:
    """Returns the number of the step of a network's lazy penalties, the first, second, … of them.

    Args:
        network: "d" or "g".
        place: int ≥ 0.
    """
    return 2 + 2 * place + {"d": D_STEP, "g": G_STEP}[network]


class RandomStream:
    """Random numbers of a step on one replica: each call gives fresh ones.

    Another stream of the same seed gives the same numbers, call by call. They are sampled in the
    graph in which the stream was made, unless an argument is a tensor: what XLA compiles has other
    numbers of the same seed.

    Args:
        seed: int64 [2].
        numbers: of the streams that this one is within.
        graph: in which to sample, if it is not the one that is being traced.
    """

    def __init__(self, seed, numbers: tuple[int, ...] = (), graph: tf.Graph | None = None):
        self._seed = seed
        self._numbers = numbers
        self._graph = graph or _present_graph()
        self._calls = 0

    def uniform(self, shape, minval=0.0, maxval=1.0):
        """Returns float32 numbers in [minval, maxval)."""
        with self._in_graph(shape, minval, maxval):
            return tf.random.stateless_uniform(shape, self._next_seed(), minval, maxval)

    def normal(self, shape, mean=0.0, stddev=1.0):
        """Returns normally distributed float32 numbers."""
        with self._in_graph(shape, mean, stddev):
            return tf.random.stateless_normal(shape, self._next_seed(), mean, stddev)

    def stream(self, number: int) -> "RandomStream":
        """Returns the stream of a number ≥ 0 within this one; it shares no number with it."""
        return RandomStream(self._seed, (*self._numbers, number), self._graph)

    def _in_graph(self, *arguments):
        if self._graph is None or any(map(tf.is_tensor, tf.nest.flatten(arguments))):
            return contextlib.nullcontext()
        return self._graph.as_default()

    def _next_seed(self):
        # Streams fold in negative numbers, calls positive ones; the first call takes the seed.
        parts = [-1 - number for number in self._numbers] + [self._calls] * bool(self._calls)
        self._calls += 1
        seed = self._seed
        for part in parts:
            seed = tf.random.experimental.stateless_fold_in(seed, tf.constant(part, tf.int64))
        return seed


def _present_graph() -> tf.Graph | None:
    return None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()


class RandomInputs(NamedTuple):
    """The random numbers of one D or G step on one replica.

    Attributes:
        z: latents, [N, latent_size].
        z_mix: latents that take over after the crossover, [N, latent_size].
        crossover: int32 scalar, the first layer styled by `z_mix`; L if none is.
        noise: one [N, h, w, 1] for each layer; empty without noise inputs.
        label_order: int32 [N], a permutation: generated images get the labels of real ones.
        rng: `RandomStream`, the numbers of penalties and augmentation.
    """

    z: tf.Tensor
    z_mix: tf.Tensor
    crossover: tf.Tensor
    noise: list[tf.Tensor]
    label_order: tf.Tensor
    rng: RandomStream


def step_seed(seed: int, step, network: int):
    """Returns a seed [2] for one network's turn in one step on this replica."""
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    key = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
    for part in (network, replica):
        key = tf.random.experimental.stateless_fold_in(key, tf.cast(part, tf.int64))
    return key


def sample_inputs(
    generator, seed, batch: int, resolution: int, mixing_probability: float
) -> RandomInputs:
    """Samples what a step at a resolution needs.

    Args:
        generator: the `Generator`, for its sizes.
        seed: int64 [2].
        batch: int, images on this replica.
        resolution: int.
        mixing_probability: float, of style mixing; one crossover for the whole minibatch.

    Returns:
        `RandomInputs`.
    """
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 6))
    z = tf.random.stateless_normal([2, batch, generator.latent_size], seeds[0])
    shapes = generator.noise_shapes(resolution)
    return RandomInputs(
        z=z[0],
        z_mix=z[1],
        crossover=_crossover(seeds[1:3], generator.num_ws_at(resolution), mixing_probability),
        noise=_noise(seeds[3], batch, shapes),
        label_order=tf.argsort(tf.random.stateless_uniform([batch], seeds[4])),
        rng=RandomStream(seeds[5]),
    )


def _crossover(seeds, layers: int, probability: float):
    if layers == 1:
        return tf.constant(1)  # there is nothing to mix
    is_mixed = tf.random.stateless_uniform([], seeds[0]) < probability
    layer = tf.random.stateless_uniform([], seeds[1], 1, layers, dtype=tf.int32)
    return tf.where(is_mixed, layer, layers)


def _noise(seed, batch: int, shapes) -> list[tf.Tensor]:
    """Noise for all layers by one call: small layers would cost more to call than to fill."""
    sizes = [batch * height * width for height, width in shapes]
    numbers = tf.split(tf.random.stateless_normal([sum(sizes)], seed), sizes) if sizes else []
    pairs = zip(numbers, shapes, strict=True)
    return [tf.reshape(flat, [batch, height, width, 1]) for flat, (height, width) in pairs]
