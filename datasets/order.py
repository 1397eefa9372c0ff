"""The order of the stream: a function of the seed and the epoch, entered at any place.

`tf.data.Dataset.shuffle` has no such entry: it would have to go through all that was shown before.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import tensorflow as tf

MIRROR = 0x6D6972726F72  # keeps random numbers for mirroring apart from those for the order
BLOCK = 1024  # flips at a time; always the same ones, wherever the stream is entered


class ShardPlan(NamedTuple):
    """Shards in the order of reading, and how many images of each are to be skipped."""

    shards: tf.Tensor  # [n] int32
    skips: tf.Tensor  # [n] int64, less than the number of images in the shard


def shard_plan(counts: tf.Tensor, seed: int, epoch: tf.Tensor, start_image: int) -> ShardPlan:
    """Returns the shards of an epoch that the stream from `start_image` on still has to read.

    Args:
        counts: images in each shard, [num_shards] int64.
        seed: of the order.
        epoch: scalar int64.
        start_image: the first image to read, counted from the start of epoch 0.
    """
    shards = permutation(tf.size(counts, tf.int64), seed, epoch, -1)
    counts = tf.gather(counts, shards)
    ends = epoch * tf.reduce_sum(counts) + tf.cumsum(counts)  # places in the endless stream
    skips = tf.maximum(start_image - (ends - counts), 0)
    needed = skips < counts
    return ShardPlan(tf.boolean_mask(shards, needed), tf.boolean_mask(skips, needed))


def permutation(n: tf.Tensor, seed: int, epoch: tf.Tensor, shard: tf.Tensor | int) -> tf.Tensor:
    """Returns a random order of 0 … n-1, [n] int32: of a shard's images, or of the shards (-1).

    Stateless random numbers are sorted: the same on every TensorFlow, whatever the global seed.
    """
    place = tf.stack([tf.cast(epoch, tf.int64), tf.cast(shard, tf.int64)])
    key = whole_range([2], place) ^ tf.constant(seed, tf.int64)
    return tf.argsort(whole_range([n], key), stable=True)


def flips(seed: int, start_image: int) -> tf.data.Dataset:
    """Returns whether to mirror each image from `start_image` on: endless scalar bools."""
    blocks = tf.data.Dataset.range(start_image // BLOCK, tf.int64.max)
    return blocks.map(partial(flips_of_block, seed)).unbatch().skip(start_image % BLOCK)


def flips_of_block(seed: int, number: tf.Tensor) -> tf.Tensor:
    """Returns the flips of a block of images, bool [BLOCK]."""
    key = tf.stack([tf.constant(seed ^ MIRROR, tf.int64), number])
    return whole_range([BLOCK], key) < 0


def whole_range(shape: Sequence[int | tf.Tensor], key: tf.Tensor) -> tf.Tensor:
    """Samples int64 uniformly from all there are, as a function of `key`, [2] int64."""
    return tf.random.stateless_uniform(shape, key, None, None, tf.int64, alg="philox")
