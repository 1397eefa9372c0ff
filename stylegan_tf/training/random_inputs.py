"""Every random number of a training step, drawn statelessly by (seed, step, replica, network)."""

from typing import NamedTuple

import tensorflow as tf

from stylegan_tf.models.sizes import num_layers

D_STEP, G_STEP = 0, 1


class Draws(NamedTuple):
    """The random numbers of one D or G step on one replica.

    Attributes:
        z: latents, [N, latent_size].
        z_mix: latents that take over after the crossover, [N, latent_size].
        crossover: int32 scalar, the first layer styled by `z_mix`; L if none is.
        noise: one [N, h, w, 1] for each layer; empty without noise inputs.
        label_order: int32 [N], a permutation: generated pictures get the labels of real ones.
        alpha: [N, 1, 1, 1] in [0, 1), for gradient penalties between real and generated pictures.
    """

    z: tf.Tensor
    z_mix: tf.Tensor
    crossover: tf.Tensor
    noise: list[tf.Tensor]
    label_order: tf.Tensor
    alpha: tf.Tensor


def step_seed(seed: int, step, network: int):
    """A seed [2] for one network's turn in one step on this replica."""
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    key = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
    for part in (network, replica):
        key = tf.random.experimental.stateless_fold_in(key, tf.cast(part, tf.int64))
    return key


def draw(generator, seed, batch: int, resolution: int, mixing_probability: float) -> Draws:
    """Draws what a step at a resolution needs.

    Args:
        generator: the `Generator`, for its sizes.
        seed: int64 [2].
        batch: int, pictures on this replica.
        resolution: int.
        mixing_probability: float, of style mixing; one crossover for the whole minibatch.

    Returns:
        `Draws`.
    """
    seeds = tf.unstack(tf.random.experimental.stateless_split(seed, 6))
    z = tf.random.stateless_normal([2, batch, generator.latent_size], seeds[0])
    shapes = generator.noise_shapes(resolution)
    return Draws(
        z=z[0],
        z_mix=z[1],
        crossover=_crossover(seeds[1:3], num_layers(resolution), mixing_probability),
        noise=_noise(seeds[3], batch, shapes),
        label_order=tf.argsort(tf.random.stateless_uniform([batch], seeds[4])),
        alpha=tf.random.stateless_uniform([batch, 1, 1, 1], seeds[5]),
    )


def _crossover(seeds, layers: int, probability: float):
    chosen = tf.random.stateless_uniform([], seeds[0]) < probability
    place = tf.random.stateless_uniform([], seeds[1], 1, layers, dtype=tf.int32)
    return tf.where(chosen, place, layers)


def _noise(seed, batch: int, shapes) -> list[tf.Tensor]:
    """Noise for all layers out of one draw: small layers would cost more to call than to fill."""
    sizes = [batch * height * width for height, width in shapes]
    numbers = tf.split(tf.random.stateless_normal([sum(sizes)], seed), sizes) if sizes else []
    pairs = zip(numbers, shapes, strict=True)
    return [tf.reshape(flat, [batch, height, width, 1]) for flat, (height, width) in pairs]
