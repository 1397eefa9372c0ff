"""Reading: shards in, shuffled batches out, from any place in the stream.

Everything random is a function of the seed and the place in the stream, by stateless draws. (The
shuffle of tf.data also depends on `tf.random.set_seed`, and cannot be entered in the middle.)
"""

import tensorflow as tf

from .order import permutation, shard_plan

READ_AHEAD = 4 << 20  # bytes read from a file at a time
MIRROR = 0x6D6972726F72  # keeps the draws for mirroring apart from those for the order


def batches(dataset, resolution, batch_size, seed, start_image, mirror) -> tf.data.Dataset:
    """See `Dataset.batches`."""

    def picture(position, record):
        image, label = parse(dataset, record)
        image = box_filter(image, resolution)
        if mirror:
            image = flip_half(image, seed, position)
        return image if label is None else (image, label)

    data = records(dataset, seed, start_image).enumerate(start=start_image)
    data = data.map(picture, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    data = data.batch(batch_size, drop_remainder=True)  # endless: this only makes it static
    return data.prefetch(tf.data.AUTOTUNE)


def in_file_order(dataset) -> tf.data.Dataset:
    """Every picture once, in the order of the files: uint8 [resolution, resolution, channels]."""
    data = tf.data.TFRecordDataset(shard_files(dataset), buffer_size=READ_AHEAD)
    data = data.map(lambda record: parse(dataset, record)[0], tf.data.AUTOTUNE, deterministic=True)
    return data.prefetch(tf.data.AUTOTUNE)


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


def parse(dataset, record) -> tuple[tf.Tensor, tf.Tensor | None]:
    """A serialized example to uint8 [R, R, C] and float32 [label_size], or None without labels."""
    features = {"image": tf.io.FixedLenFeature([], tf.string)}
    if dataset.label_size:
        features["label"] = tf.io.FixedLenFeature([dataset.label_size], tf.float32)
    example = tf.io.parse_single_example(record, features)
    # Decodes PNG as well. The default for JPEG is a faster, less exact inverse transform.
    image = tf.io.decode_jpeg(
        example["image"], channels=dataset.channels, dct_method="INTEGER_ACCURATE"
    )
    shape = (dataset.resolution, dataset.resolution, dataset.channels)
    return tf.ensure_shape(image, shape), example.get("label")


def box_filter(image: tf.Tensor, resolution: int) -> tf.Tensor:
    """uint8 [R, R, C] to [resolution, resolution, C]: the mean of each block, half to even.

    Exact: the sum of 256×256 bytes, the largest block there is, fits the 24 bits of a float32.
    """
    factor = image.shape[0] // resolution
    if factor == 1:
        return image
    channels = image.shape[-1]
    blocks = tf.reshape(
        tf.cast(image, tf.float32), [resolution, factor, resolution, factor, channels]
    )
    return tf.cast(tf.round(tf.reduce_mean(blocks, axis=[1, 3])), tf.uint8)


def flip_half(image: tf.Tensor, seed: int, position: tf.Tensor) -> tf.Tensor:
    """Flips [H, W, C] left to right if the draw for this place in the stream says so."""
    key = tf.stack([tf.constant(seed ^ MIRROR, tf.int64), position])
    draw = tf.random.stateless_uniform([], key, alg="philox")
    return tf.where(draw < 0.5, tf.reverse(image, axis=[1]), image)
