"""Reads a dataset: an endless, repeatable stream of batches that can start anywhere."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from .errors import DatasetError
from .manifest import Manifest

ENDLESS = 2**62  # epochs
READ_AHEAD = 4 << 20  # bytes of a shard read at once


class Dataset:
    """A dataset on disk. `stylegan_tf.datasets.open` makes it.

    Args:
        path: folder with `dataset.json`.

    Attributes:
        path, manifest: where it is and what it says.
        resolution, channels, num_images, label_size, label_names, fingerprint: as in `Manifest`.
        skipped: pictures left out when it was made just now, and why.

    Raises:
        DatasetError: if it is no dataset, or a shard is missing or has another length.
    """

    def __init__(self, path):
        self.path = Path(path)
        self.manifest = manifest = Manifest.read(self.path)
        self.resolution = manifest.resolution
        self.channels = manifest.channels
        self.num_images = manifest.num_images
        self.label_size = manifest.label_size
        self.label_names = manifest.label_names
        self.fingerprint = manifest.fingerprint
        self.skipped: list[str] = []
        for shard in manifest.shards:
            _check_file(self.path / shard.file, shard.bytes)

    def batches(
        self,
        resolution: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        start_image: int = 0,
        mirror: bool = False,
    ) -> tf.data.Dataset:
        """An endless stream of batches.

        Every epoch shows every picture once: shards in a random order, the pictures of a shard in
        a random order. Both depend on `seed` and the epoch alone, so a stream that starts at
        image k goes on exactly as the one from the beginning does.

        Args:
            resolution: int, a power of two up to the dataset's; pictures are reduced to it by
                means over squares of pixels, rounded.
            batch_size: int.
            seed: int.
            start_image: int, how many pictures to pass over. Whole shards are not even read.
            mirror: bool, flip each picture with probability 1/2.

        Returns:
            tf.data of uint8 [batch_size, resolution, resolution, channels], or pairs of it and
            float32 [batch_size, label_size] if the dataset has labels.

        Raises:
            DatasetError: if `resolution` is not one that the pictures can be reduced to.
        """
        resolution = resolution or self.resolution
        log2_of(resolution, largest=self.resolution)
        stream = self._records(seed, start_image).enumerate(start_image)
        stream = stream.map(
            lambda index, record: self._parse(index, record, seed, mirror),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        stream = stream.batch(batch_size, drop_remainder=True)
        if resolution < self.resolution or not self.label_size:
            stream = stream.map(
                lambda images, labels: self._reduce(images, labels, resolution),
                num_parallel_calls=tf.data.AUTOTUNE,
                deterministic=True,
            )
        return stream.prefetch(tf.data.AUTOTUNE)

    def examples(self) -> Iterator[tuple[str, str, bytes, np.ndarray]]:
        """Every example in file order: shard, name, encoded picture, label."""
        for shard in self.manifest.shards:
            for record in tf.data.TFRecordDataset(str(self.path / shard.file)):
                example = tf.train.Example.FromString(record.numpy()).features.feature
                label = np.array(example["label"].float_list.value, np.float32)
                name = example["name"].bytes_list.value[0].decode()
                yield shard.file, name, example["image"].bytes_list.value[0], label

    def _records(self, seed: int, start: int) -> tf.data.Dataset:
        """Serialized examples from a place of the stream on."""
        epoch, skip = divmod(start, self.num_images)
        counts = np.array([shard.num_images for shard in self.manifest.shards])
        order = self._order(seed, epoch).numpy()
        before = np.cumsum(counts[order])
        first = int(np.searchsorted(before, skip, side="right"))  # the shard to start in
        skips = np.zeros(len(order) - first, np.int64)
        skips[0] = skip - (before[first - 1] if first else 0)
        now = tf.data.Dataset.from_tensor_slices((order[first:].astype(np.int64), skips))
        now = now.map(lambda shard, skip: (tf.constant(epoch, tf.int64), shard, skip))

        def later(epoch):
            order = tf.data.Dataset.from_tensor_slices(tf.cast(self._order(seed, epoch), tf.int64))
            return order.map(lambda shard: (epoch, shard, tf.constant(0, tf.int64)))

        shards = now.concatenate(tf.data.Dataset.range(epoch + 1, ENDLESS).flat_map(later))
        return shards.flat_map(lambda *place: self._shard(seed, *place))

    def _order(self, seed: int, epoch):
        """The order of the shards in an epoch."""
        return _permutation(len(self.manifest.shards), [seed, epoch])

    def _shard(self, seed: int, epoch, shard, skip) -> tf.data.Dataset:
        """The examples of one shard, shuffled, without the first `skip`."""
        paths = tf.constant([str(self.path / shard.file) for shard in self.manifest.shards])
        counts = tf.constant([shard.num_images for shard in self.manifest.shards], tf.int64)
        records = tf.data.TFRecordDataset(paths[shard], buffer_size=READ_AHEAD)
        order = _permutation(counts[shard], [seed, epoch * len(self.manifest.shards) + shard])
        whole = records.batch(counts[shard])
        return whole.map(lambda all_of_it: tf.gather(all_of_it, order[skip:])).unbatch()

    def _parse(self, index, record, seed: int, mirror: bool):
        features = {"image": tf.io.FixedLenFeature([], tf.string)}
        if self.label_size:
            features["label"] = tf.io.FixedLenFeature([self.label_size], tf.float32)
        example = tf.io.parse_single_example(record, features)
        image = tf.io.decode_image(example["image"], self.channels, expand_animations=False)
        image = tf.ensure_shape(image, [self.resolution, self.resolution, self.channels])
        if mirror:
            draw = tf.random.stateless_uniform([], tf.stack([tf.cast(seed, tf.int64), index]))
            image = tf.cond(draw < 0.5, lambda: tf.reverse(image, [1]), lambda: image)
        return image, example.get("label", tf.zeros([0]))

    def _reduce(self, images, labels, resolution: int):
        if resolution < self.resolution:
            images = box_filter(images, resolution)
        return (images, labels) if self.label_size else images


def box_filter(images, resolution: int):
    """uint8 [N, H, H, C] → [N, r, r, C] by means over squares of pixels, rounded half to even."""
    n, size, _, channels = images.shape
    step = size // resolution
    squares = tf.reshape(images, [n, resolution, step, resolution, step, channels])
    means = tf.reduce_mean(tf.cast(squares, tf.float32), axis=[2, 4])
    return tf.cast(tf.round(means), tf.uint8)


@contextlib.contextmanager
def reading(dataset: Dataset) -> Iterator[None]:
    """Turns what TensorFlow raises over damaged records into a `DatasetError`."""
    try:
        yield
    except (
        tf.errors.DataLossError,
        tf.errors.InvalidArgumentError,
        tf.errors.NotFoundError,
    ) as error:
        reason = error.message.splitlines()[0]
        raise DatasetError(
            f"{dataset.path} cannot be read ({reason}); see what is wrong with: "
            f"stylegan-tf dataset verify {dataset.path}"
        ) from error


def log2_of(resolution: int, name: str = "resolution", largest: int = 1024) -> int:
    """log2 of a power of two from 4 to `largest`.

    Raises:
        DatasetError: naming the values nearest to a wrong one.
    """
    allowed = [2**power for power in range(2, largest.bit_length())]
    if resolution in allowed:
        return int(resolution).bit_length() - 1
    near = sorted(sorted(allowed, key=lambda size: abs(size - resolution))[:2])
    raise DatasetError(
        f"{name} is {resolution}; it must be a power of two from 4 to {largest}, such as "
        f"{' or '.join(map(str, near))}"
    )


def _permutation(count, seed):
    """A random order of 0 … count - 1 that depends on `seed` alone."""
    seed = tf.stack([tf.cast(part, tf.int64) for part in seed])
    return tf.argsort(tf.random.stateless_uniform([count], seed), stable=True)


def _check_file(path: Path, size: int) -> None:
    if not path.exists():
        raise DatasetError(f"{path} is missing; create the dataset again")
    if path.stat().st_size != size:
        raise DatasetError(
            f"{path} has {path.stat().st_size} bytes instead of {size}: it is cut off or changed; "
            "copy or create the dataset again"
        )
