"""Reading: shards in, shuffled batches out, from any place in the stream.

Everything random is a function of the seed and the place in the stream, by stateless random
numbers. (The shuffle of tf.data also depends on `tf.random.set_seed`, and cannot be entered in the
middle.)
"""

from functools import partial
from typing import TYPE_CHECKING

import tensorflow as tf

from .input_shard import InputShard
from .order import flips, permutation, shard_plan

if TYPE_CHECKING:
    from .dataset import Dataset

READ_AHEAD = 4 << 20  # bytes read from a file at a time
# Images go through the pipeline in chunks: a step of tf.data costs as much as decoding 32×32
# pixels. A chunk has at most this many pixels (its floats: 12 MB), and this many images.
CHUNK_PIXELS, CHUNK_IMAGES = 1 << 20, 64
LABELS_AT_ONCE = 4096


def batches(
    dataset: "Dataset",
    resolution: int,
    batch_size: int,
    seed: int,
    start_image: int,
    mirror: bool,
    share: InputShard,
) -> tf.data.Dataset:
    """Returns the stream of `Dataset.batches`, whose arguments these are."""
    encoded = share.of(records(dataset, seed, start_image), batch_size)
    data = images(dataset, encoded, resolution)
    data = data.batch(batch_size, drop_remainder=True)  # endless: this only makes it static
    if mirror:
        flipped = share.of(flips(seed, start_image), batch_size)
        flipped = flipped.batch(batch_size, drop_remainder=True)
        data = tf.data.Dataset.zip((data, flipped)).map(mirror_batch, tf.data.AUTOTUNE)
    return data.prefetch(tf.data.AUTOTUNE)


def in_file_order(dataset: "Dataset") -> tf.data.Dataset:
    """Returns every image once, in the order of the files: uint8 [R, R, C], with any label."""
    data = tf.data.TFRecordDataset(shard_files(dataset), buffer_size=READ_AHEAD)
    return images(dataset, data, dataset.resolution).prefetch(tf.data.AUTOTUNE)


def labels(dataset: "Dataset") -> tf.data.Dataset:
    """Returns the labels in the order of the files, float32 [N, label_size]; the last N is less."""
    spec = {"label": tf.io.FixedLenFeature([dataset.label_size], tf.float32)}
    data = tf.data.TFRecordDataset(shard_files(dataset), buffer_size=READ_AHEAD)
    return data.batch(LABELS_AT_ONCE).map(lambda some: tf.io.parse_example(some, spec)["label"])


def shard_files(dataset: "Dataset") -> list[str]:
    """Returns the paths of the shards."""
    return [str(dataset.path / shard["file"]) for shard in dataset.manifest["shards"]]


def records(dataset: "Dataset", seed: int, start_image: int) -> tf.data.Dataset:
    """Returns the endless stream of serialized examples from the image `start_image` on."""
    files = tf.constant(shard_files(dataset))
    counts = tf.constant([s["num_images"] for s in dataset.manifest["shards"]], tf.int64)
    epochs = tf.data.Dataset.range(start_image // dataset.num_images, tf.int64.max)
    shards = epochs.flat_map(partial(shards_of_epoch, counts, seed, start_image))
    # One shard (in full, still encoded) is read ahead of the one in use.
    return shards.flat_map(partial(records_of_shard, files, counts, seed)).prefetch(1).unbatch()


def shards_of_epoch(
    counts: tf.Tensor, seed: int, start_image: int, epoch: tf.Tensor
) -> tf.data.Dataset:
    """Returns (epoch, shard, records to skip) for each shard that an epoch has to read."""
    plan = shard_plan(counts, seed, epoch, start_image)
    epochs = tf.fill(tf.shape(plan.shards), epoch)
    return tf.data.Dataset.from_tensor_slices((epochs, plan.shards, plan.skips))


def records_of_shard(
    files: tf.Tensor,
    counts: tf.Tensor,
    seed: int,
    epoch: tf.Tensor,
    shard: tf.Tensor,
    skip: tf.Tensor,
) -> tf.data.Dataset:
    """Returns all records of a shard but the first `skip`, shuffled, as one element."""
    order = permutation(counts[shard], seed, epoch, shard)[skip:]
    file = tf.data.TFRecordDataset(files[shard], buffer_size=READ_AHEAD).batch(counts[shard])
    return file.take(1).map(partial(tf.gather, indices=order))


def images(dataset: "Dataset", data: tf.data.Dataset, resolution: int) -> tf.data.Dataset:
    """Decodes examples to uint8 [r, r, C], or pairs of these and float32 [label_size]."""
    chunk = min(CHUNK_IMAGES, max(1, CHUNK_PIXELS // dataset.resolution**2))
    decode = partial(decode_chunk, dataset, resolution)
    return data.batch(chunk).map(decode, tf.data.AUTOTUNE, deterministic=True).unbatch()


def decode_chunk(
    dataset: "Dataset", resolution: int, serialized: tf.Tensor
) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
    """Decodes examples [N] to uint8 [N, r, r, C], with float32 [N, label_size] if any."""
    features = {"image": tf.io.FixedLenFeature([], tf.string)}
    if dataset.label_size:
        features["label"] = tf.io.FixedLenFeature([dataset.label_size], tf.float32)
    examples = tf.io.parse_example(serialized, features)
    shape = (dataset.resolution, dataset.resolution, dataset.channels)
    decoded = tf.map_fn(
        partial(decode_image, shape),
        examples["image"],
        fn_output_signature=tf.TensorSpec(shape, tf.uint8),
    )
    reduced = box_filter(decoded, resolution)
    return (reduced, examples["label"]) if dataset.label_size else reduced


def decode_image(shape: tuple[int, int, int], encoded: tf.Tensor) -> tf.Tensor:
    """Decodes a PNG or JPEG file to uint8 of a shape, [R, R, C]."""
    # Decodes PNG as well. The default for JPEG is a faster, less exact inverse transform.
    image = tf.io.decode_jpeg(encoded, shape[-1], dct_method="INTEGER_ACCURATE")
    return tf.ensure_shape(image, shape)


# On a CPU a mean over two axes of five, a strided slice backwards and a `tf.where` that broadcasts
# are all 3 to 20 times slower than what the next functions do.
def box_filter(images: tf.Tensor, resolution: int) -> tf.Tensor:
    """Makes each pixel the mean of a block of pixels, rounded half to even.

    Exact: the sum of the largest block, 256×256 bytes, fits the 24 bits of a float32.

    Args:
        images: uint8 [N, R, R, C]; N may be dynamic.
        resolution: divides R.

    Returns:
        uint8 [N, resolution, resolution, C].
    """
    _, full, _, channels = images.shape
    factor = full // resolution
    if factor == 1:
        return images
    sums = tf.reshape(tf.cast(images, tf.float32), [-1, factor, full * channels])
    sums = tf.reduce_sum(sums, axis=1)  # [N·r, R·C]: over the rows of a block
    sums = tf.reduce_sum(tf.reshape(sums, [-1, factor, channels]), axis=1)  # [N·r·r, C]
    means = tf.reshape(sums / factor**2, [-1, resolution, resolution, channels])
    return tf.cast(tf.round(means), tf.uint8)


def mirror_batch(
    batch: tf.Tensor | tuple[tf.Tensor, tf.Tensor], flipped: tf.Tensor
) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
    """Flips the images of a batch, which may be a pair with labels."""
    if isinstance(batch, tuple):
        return flip_some(batch[0], flipped), batch[1]
    return flip_some(batch, flipped)


def flip_some(images: tf.Tensor, flipped: tf.Tensor) -> tf.Tensor:
    """Flips those of [N, H, W, C] left to right for which `flipped`, bool [N], is true."""
    indices = tf.range(tf.size(flipped))
    kept, mirrored = tf.dynamic_partition(indices, tf.cast(flipped, tf.int32), 2)
    parts = [tf.gather(images, kept), tf.reverse(tf.gather(images, mirrored), axis=[2])]
    return tf.reshape(tf.dynamic_stitch([kept, mirrored], parts), images.shape)
