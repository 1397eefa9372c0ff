"""The order of the stream: a function of the seed and the epoch, entered at any place."""

from typing import NamedTuple

import tensorflow as tf


class ShardPlan(NamedTuple):
    """Shards in the order of reading, and how many pictures of each are to be skipped."""

    shards: tf.Tensor  # [n] int64
    skips: tf.Tensor  # [n] int64, less than the number of pictures in the shard


def shard_plan(counts: tf.Tensor, seed: int, epoch: tf.Tensor, start_image: int) -> ShardPlan:
    """The shards of an epoch that the stream from `start_image` on still has to read.

    Args:
        counts: pictures in each shard, [num_shards] int64.
        seed: of the order.
        epoch: scalar int64.
        start_image: the first picture wanted, counted from the start of epoch 0.
    """
    shards = permutation(tf.size(counts, tf.int64), seed, epoch, -1)
    counts = tf.gather(counts, shards)
    ends = epoch * tf.reduce_sum(counts) + tf.cumsum(counts)  # places in the endless stream
    skips = tf.maximum(start_image - (ends - counts), 0)
    needed = skips < counts
    return ShardPlan(tf.boolean_mask(shards, needed), tf.boolean_mask(skips, needed))


def permutation(n: tf.Tensor, seed: int, epoch: tf.Tensor, shard: tf.Tensor | int) -> tf.Tensor:
    """A random order of 0 … n-1, [n] int64: of a shard's pictures, or of the shards (shard -1).

    The sort of stateless draws: the same on every TensorFlow, whatever the global seed.
    """
    inner = [tf.cast(epoch, tf.int64), tf.cast(shard, tf.int64)]
    key = tf.random.stateless_uniform(
        [2], tf.stack(inner), None, None, tf.int64, alg="philox"
    ) ^ tf.constant(seed, tf.int64)
    draws = tf.random.stateless_uniform([n], key, None, None, tf.int64, alg="philox")
    return tf.argsort(draws, stable=True)
