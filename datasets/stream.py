"""Reading: shards in, shuffled batches out, from any place in the stream.

Everything random is a function of the seed and the place in the stream, by stateless draws. (The
shuffle of tf.data also depends on `tf.random.set_seed`, and cannot be entered in the middle.)
"""

import tensorflow as tf

from .order import flips, permutation, shard_plan
from .pixels import box_filter, flip_some

READ_AHEAD = 4 << 20  # bytes read from a file at a time
# Pictures go through the pipeline in chunks: a step of tf.data costs as much as decoding 32×32
# pixels. A chunk has at most this many pixels (its floats: 12 MB), and this many pictures.
CHUNK_PIXELS, CHUNK_PICTURES = 1 << 20, 64


def batches(dataset, resolution, batch_size, seed, start_image, mirror, share) -> tf.data.Dataset:
    """See `Dataset.batches`."""
    encoded = share.of(records(dataset, seed, start_image), batch_size)
    data = pictures(dataset, encoded, resolution)
    data = data.batch(batch_size, drop_remainder=True)  # endless: this only makes it static
    if mirror:
        draws = share.of(flips(seed, start_image), batch_size)
        draws = draws.batch(batch_size, drop_remainder=True)
        data = tf.data.Dataset.zip((data, draws)).map(mirror_batch, tf.data.AUTOTUNE)
    return data.prefetch(tf.data.AUTOTUNE)


def mirror_batch(batch, flipped):
    """Flips the images of a batch, which may be a pair with labels."""
    if isinstance(batch, tuple):
        return flip_some(batch[0], flipped), batch[1]
    return flip_some(batch, flipped)


def in_file_order(dataset) -> tf.data.Dataset:
    """Every picture once, in the order of the files: uint8 [R, R, C], with its label if any."""
    data = tf.data.TFRecordDataset(shard_files(dataset), buffer_size=READ_AHEAD)
    return pictures(dataset, data, dataset.resolution).prefetch(tf.data.AUTOTUNE)


def shard_files(dataset) -> list[str]:
    return [str(dataset.path / shard["file"]) for shard in dataset.manifest["shards"]]


def records(dataset, seed: int, start_image: int) -> tf.data.Dataset:
    """The endless stream of serialized examples from the picture `start_image` on."""
    files = tf.constant(shard_files(dataset))
    counts = tf.constant([s["num_images"] for s in dataset.manifest["shards"]], tf.int64)

    def shards_of_epoch(epoch):
        plan = shard_plan(counts, seed, epoch, start_image)
        epochs = tf.fill(tf.shape(plan.shards), epoch)
        return tf.data.Dataset.from_tensor_slices((epochs, plan.shards, plan.skips))

    def records_of_shard(epoch, shard, skip):
        order = permutation(counts[shard], seed, epoch, shard)[skip:]
        whole = tf.data.TFRecordDataset(files[shard], buffer_size=READ_AHEAD).batch(counts[shard])
        return whole.take(1).map(lambda all_records: tf.gather(all_records, order))

    epochs = tf.data.Dataset.range(start_image // dataset.num_images, tf.int64.max)
    # One shard (in full, still encoded) is read ahead of the one in use.
    return epochs.flat_map(shards_of_epoch).flat_map(records_of_shard).prefetch(1).unbatch()


def pictures(dataset, data: tf.data.Dataset, resolution: int) -> tf.data.Dataset:
    """Serialized examples to uint8 [r, r, C], or pairs of these and float32 [label_size]."""
    chunk = min(CHUNK_PICTURES, max(1, CHUNK_PIXELS // dataset.resolution**2))

    def decode_chunk(serialized):
        images, labels = decode(dataset, serialized)
        images = box_filter(images, resolution)
        return images if labels is None else (images, labels)

    data = data.batch(chunk).map(decode_chunk, tf.data.AUTOTUNE, deterministic=True)
    return data.unbatch()


def decode(dataset, serialized: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
    """Examples [N] to uint8 [N, R, R, C] and float32 [N, label_size], or None without labels."""
    features = {"image": tf.io.FixedLenFeature([], tf.string)}
    if dataset.label_size:
        features["label"] = tf.io.FixedLenFeature([dataset.label_size], tf.float32)
    examples = tf.io.parse_example(serialized, features)
    shape = (dataset.resolution, dataset.resolution, dataset.channels)

    def decode_one(encoded):
        # Decodes PNG as well. The default for JPEG is a faster, less exact inverse transform.
        image = tf.io.decode_jpeg(encoded, dataset.channels, dct_method="INTEGER_ACCURATE")
        return tf.ensure_shape(image, shape)

    spec = tf.TensorSpec(shape, tf.uint8)
    images = tf.map_fn(decode_one, examples["image"], fn_output_signature=spec)
    return images, examples.get("label")
