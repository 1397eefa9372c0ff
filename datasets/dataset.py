"""A dataset on disk: what it holds, and its images as arrays and as a tf.data stream."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DatasetError
from .input_shard import ALL, InputShard
from .manifest import read_manifest
from .resolutions import check_resolution

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Description:
    """What a dataset made by `create` holds.

    Attributes:
        path: its folder.
        manifest: `dataset.json` as a dict; `notes`, `skipped` and `folders` are there if there is
            anything.
    """

    path: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def resolution(self) -> int:
        """Pixels along a side of every image."""
        return self.manifest["resolution"]

    @property
    def channels(self) -> int:
        """1 (grey), 3 (RGB) or 4 (RGBA)."""
        return self.manifest["channels"]

    @property
    def num_images(self) -> int:
        """How many images there are."""
        return self.manifest["num_images"]

    @property
    def label_size(self) -> int:
        """Numbers in a label; 0 if there are no labels."""
        return self.manifest["label_size"]

    @property
    def label_names(self) -> list[str]:
        """The classes in the order of the label; empty if they have no names."""
        return self.manifest["label_names"]

    @property
    def unused_folders(self) -> list[str]:
        """The folders that `--labels folders` would have made classes of; empty if none."""
        return self.manifest.get("folders", [])


class Dataset(Description):
    """A dataset of shards, made by `create`; get one with `open`."""

    @property
    def fingerprint(self) -> str:
        """A hash over the hashes of the shards: equal for equal records in equal order."""
        digests = "".join(shard["sha256"] for shard in self.manifest["shards"])
        return hashlib.sha256(digests.encode()).hexdigest()

    def batches(
        self,
        resolution: int | None = None,
        batch_size: int = 32,
        seed: int = 0,
        start_image: int = 0,
        mirror: bool = False,
        share: InputShard = ALL,
    ) -> "tf.data.Dataset":
        """Returns an endless stream of shuffled batches; each epoch shows every image once.

        The stream of a seed is always the same, and `start_image=k` goes straight to its k-th
        image: training resumes exactly where it stopped.

        Args:
            resolution: of the images; lower than the dataset's, a pixel is the mean of a square
                of pixels, rounded half to even. Defaults to the dataset's.
            batch_size: images in a batch. Batches run across the ends of epochs.
            seed: of the order and of the mirroring.
            start_image: how many images to skip.
            mirror: flip each image left to right with probability 1/2.
            share: for one of several readers: which batches of the stream it gets.

        Returns:
            A tf.data.Dataset of uint8 [batch_size, resolution, resolution, channels]; of pairs of
            these and float32 [batch_size, label_size] if the dataset has labels.

        Raises:
            DatasetError: if an argument is out of range.
        """
        from . import stream  # TensorFlow loads here

        resolution = check_resolution(resolution or self.resolution, self.resolution)
        if batch_size < 1:
            raise DatasetError(f"batch_size {batch_size} must be at least 1")
        if start_image < 0:
            raise DatasetError(f"start_image {start_image} must be at least 0")
        share.check()
        return stream.batches(self, resolution, batch_size, seed, start_image, mirror, share)

    def label_batches(self) -> Iterator[np.ndarray]:
        """Yields the labels in the order of the files, float32 [N, label_size] with any N.

        No image is decoded.

        Raises:
            DatasetError: if a file turns out to be damaged.
        """
        from . import stream

        with reading(self):
            yield from stream.labels(self).as_numpy_iterator()

    def images(self, count: int | None = None) -> Iterator[np.ndarray]:
        """Yields images as NumPy arrays, uint8 [resolution, resolution, channels].

        They come in the order of the files, which `create` made random; the first `count`, or all.
        """
        from . import stream

        with reading(self):
            for item in islice(stream.in_file_order(self).as_numpy_iterator(), count):
                yield item[0] if self.label_size else item


def open(path: str | Path) -> Dataset:
    """Opens a dataset and checks that its shards are there, in full length.

    Args:
        path: its folder.

    Raises:
        DatasetError: if there is no dataset, or a shard is missing or cut short.
    """
    path = Path(path)
    dataset = Dataset(path, read_manifest(path))
    for shard in dataset.manifest["shards"]:
        if problem := shard_problem(path, shard):
            raise DatasetError(f"{path}: {problem}; copy it again, or create the dataset again")
    return dataset


def shard_problem(path: Path, shard: dict[str, Any]) -> str | None:
    """Returns what is wrong with a shard, as far as can be told without reading it."""
    file = path / shard["file"]
    if not file.is_file():
        return f"{shard['file']} is missing"
    if (size := file.stat().st_size) != shard["bytes"]:
        return f"{shard['file']} has {size} bytes instead of {shard['bytes']}"
    return None


def bundled() -> Path:
    """Returns the dataset that comes along: emoji, 64×64 pixels, labelled by Unicode group."""
    return Path(__file__).parent / "emoji"


# The op, or the node of a graph, that takes a batch, in the messages of TensorFlow; and the lines
# of these messages that do not tell the reason.
GET_NEXT = re.compile(r"(\{\{node |__wrapped__|\[\[)\w*GetNext")
NO_REASON = re.compile(r"\s*$|Graph execution error|Detected at|\s+File |\s+\[\[")


@contextmanager
def reading(dataset: Dataset) -> Iterator[None]:
    """Turns what TensorFlow says about a damaged shard into a DatasetError of one line.

    Errors that do not come from taking a batch, such as those of a network, pass through.
    """
    import tensorflow as tf

    kinds = (tf.errors.DataLossError, tf.errors.InvalidArgumentError, tf.errors.NotFoundError)
    try:
        yield
    except kinds as error:
        if not GET_NEXT.search(error.message):
            raise
        lines = [line for line in error.message.splitlines() if not NO_REASON.match(line)]
        reason = next(iter(lines), type(error).__name__)
        raise DatasetError(
            f"{dataset.path} is damaged ({reason}): "
            f"stylegan-tf dataset verify {dataset.path} finds out where"
        ) from error
