"""Real images for metrics: in the order of the files, and labels with the data's frequencies."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf.datasets import reading, stream
from stylegan_tf.datasets.dataset import Dataset


@dataclass(frozen=True)
class Reals:
    """The images of a dataset as they are compared with others.

    Attributes:
        dataset: what `stylegan_tf.datasets.open` gives.
        resolution: lower than the dataset's, a pixel is the mean of a square of pixels, rounded, as
            in training.
        mirror: each image is followed by its mirror image, which counts as another one.
    """

    dataset: Dataset
    resolution: int
    mirror: bool = False

    @property
    def available(self) -> int:
        """How many images there are."""
        return self.dataset.num_images * (2 if self.mirror else 1)

    @property
    def identity(self) -> dict[str, Any]:
        """What tells these images from others, as JSON has it."""
        return {
            "dataset": self.dataset.fingerprint,
            "resolution": self.resolution,
            "mirror": self.mirror,
        }

    def images(self) -> tf.data.Dataset:
        """Returns each image once, not mirrored, in the order of the files.

        `create` made that order random. Images are uint8 [resolution, resolution, C]; with labels
        they come in pairs with float32 [label_size].
        """
        return stream.images(self.dataset, _records(self.dataset), self.resolution)

    def batches(self, count: int, size: int) -> Iterator[tuple[np.ndarray]]:
        """Yields the first images in the order of the files.

        Args:
            count: how many images; `available` at most.
            size: of a batch; the last one may have less.

        Yields:
            uint8 [size, resolution, resolution, C], alone in a tuple.

        Raises:
            DatasetError: if a file turns out to be damaged.
        """
        data = self.images()
        if self.dataset.label_size:
            data = data.map(lambda image, label: image)
        if self.mirror:
            data = data.map(lambda image: tf.stack([image, image[:, ::-1]])).unbatch()
        data = data.take(count).batch(size).prefetch(tf.data.AUTOTUNE)
        with reading(self.dataset):
            for images in data.as_numpy_iterator():
                yield (images,)


def sampled_labels(dataset: Dataset, count: int, seed: int = 0) -> np.ndarray:
    """Returns labels of images that are sampled at random, with replacement.

    Args:
        dataset: what `stylegan_tf.datasets.open` gives, with labels.
        count: how many.
        seed: of the choice.

    Returns:
        float32 [count, label_size]; the n-th is the same for any count.

    Raises:
        DatasetError: if a file turns out to be damaged.
    """
    chosen = np.random.default_rng(seed).integers(dataset.num_images, size=count)
    places = np.argsort(chosen, kind="stable")
    sample = np.empty([count, dataset.label_size], np.float32)
    start = first = 0
    for labels in dataset.label_batches():
        last = int(np.searchsorted(chosen, start + len(labels), sorter=places))
        these = places[first:last]
        sample[these] = labels[chosen[these] - start]
        start, first = start + len(labels), last
    return sample


def all_labels(dataset: Dataset) -> np.ndarray:
    """Returns all labels in the order of the files, float32 [num_images, label_size]."""
    return np.concatenate([*dataset.label_batches()])


def _records(dataset: Dataset) -> tf.data.Dataset:
    """Returns serialized examples in the order of the files."""
    return tf.data.TFRecordDataset(stream.shard_files(dataset), buffer_size=stream.READ_AHEAD)
