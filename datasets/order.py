"""The order of the stream: a function of the seed and the epoch, entered at any place."""

from typing import NamedTuple

import tensorflow as tf

MIRROR = 0x6D6972726F72  # keeps the draws for mirroring apart from those for the order


class ShardPlan(NamedTuple):
    """Shards in the order of reading, and how many pictures of each are to be skipped."""

    shards: tf.Tensor  # [n] int32
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
    """A random order of 0 … n-1, [n] int32: of a shard's pictures, or of the shards (shard -1).

    The sort of stateless draws: the same on every TensorFlow, whatever the global seed.
    """
    place = tf.stack([tf.cast(epoch, tf.int64), tf.cast(shard, tf.int64)])
    key = whole_range([2], place) ^ tf.constant(seed, tf.int64)
    return tf.argsort(whole_range([n], key), stable=True)


def flips(seed: int, start_image: int) -> tf.data.Dataset:
    """Whether to mirror each picture of the stream from `start_image` on: endless scalar bools."""
    block = 1024  # draws at a time; always the same ones, wherever the stream is entered

    def draw(number):
        key = tf.stack([tf.constant(seed ^ MIRROR, tf.int64), number])
        return whole_range([block], key) < 0

    blocks = tf.data.Dataset.range(start_image // block, tf.int64.max)
    return blocks.map(draw).unbatch().skip(start_image % block)


def whole_range(shape, key: tf.Tensor) -> tf.Tensor:
    """Uniform int64 draws over all there are, a function of `key`, [2] int64."""
    return tf.random.stateless_uniform(shape, key, None, None, tf.int64, alg="philox")
