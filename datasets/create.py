"""Makes a dataset: pictures in, TFRecord shards and a manifest out."""

import os
import random
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tensorflow as tf

from .errors import BadPicture, DatasetError
from .labels import Labels
from .manifest import Manifest, Shard, sha256
from .pictures import MODES, prepare
from .reader import Dataset, log2_of
from .sources import Source, opened

SHARD_BYTES = 128 << 20
SHOWN = 3  # bad pictures named in the error


def create(
    src,
    dest,
    resolution: int | None = None,
    crop: str = "center",
    channels: int | None = None,
    labels: str = "none",
    skip_bad: bool = False,
    shard_bytes: int = SHARD_BYTES,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    notes: dict[str, str] | None = None,
) -> Dataset:
    """Makes a dataset of a folder or a zip of pictures.

    Pictures are written in a random order, so that every shard is a fair sample. Everything is
    written beside `dest` and renamed at the end: on any error nothing is left.

    Args:
        src: folder (with all its folders) or zip.
        dest: folder to make.
        resolution: int, a power of two from 4 to 1024, to which pictures are resized (Lanczos).
            None takes pictures that all have such a resolution already.
        crop: `"center"` or `"none"`.
        channels: 1, 3 or 4. Defaults to 3.
        labels: `"none"`, `"folders"`, or the path of a JSON file.
        skip_bad: leave out pictures that cannot be taken.
        shard_bytes: int, size of a shard.
        seed: int, of the order.
        progress: called with the number of pictures done and in all.
        notes: kept in the manifest.

    Returns:
        the `Dataset`; its `skipped` lists what was left out and why.

    Raises:
        DatasetError: for anything that a user can mend.
        OSError: if the disk cannot be written.
    """
    src, dest = Path(src), Path(dest)
    if crop not in ("center", "none"):
        raise DatasetError(f"--crop is {crop!r}; it can be center or none")
    channels = channels or 3
    if channels not in MODES:
        raise DatasetError(f"--channels is {channels}; it can be 1, 3 or 4")
    if resolution is not None:
        log2_of(resolution, "--resolution")
    if dest.exists():
        raise DatasetError(f"{dest} exists already; give another place or remove it")
    partial = dest.with_name(f".partial-{dest.name}")
    shutil.rmtree(partial, ignore_errors=True)
    with opened(src) as source:
        try:
            partial.mkdir(parents=True)
            skipped = _fill(
                partial, source, resolution, crop, channels, labels, skip_bad, shard_bytes, seed,
                progress or (lambda done, total: None), notes or {},
            )  # fmt: skip
            partial.rename(dest)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    dataset = Dataset(dest)
    dataset.skipped = skipped
    return dataset


def _fill(
    folder, source: Source, resolution, crop, channels, how, skip_bad, shard_bytes, seed, progress,
    notes,
) -> list[str]:  # fmt: skip
    """Writes shards and manifest into a folder; returns what was left out."""
    labels = Labels(source.names, how)
    names = list(source.names)
    random.Random(seed).shuffle(names)
    bad: list[str] = []
    size = None
    # At least two shards: two workers can then read one each.
    with Shards(folder, shard_bytes, -(-len(names) // 2)) as shards:
        prepared = _prepared(
            names, lambda name: prepare(source.read(name), resolution, crop, channels)
        )
        for done, (name, result) in enumerate(prepared, start=1):
            progress(done, len(names))
            if isinstance(result, BadPicture):
                bad.append(f"{name} {result}")
                continue
            image, found = result
            if size is None:
                size = (name, found)
                _check_size(name, found, resolution)
            elif found != size[1]:
                raise DatasetError(
                    f"{size[0]} is {size[1]}×{size[1]} and {name} is {found}×{found}; "
                    "give --resolution to bring them to one size"
                )
            if not bad or skip_bad:
                shards.write(_example(name, image, labels.of(name)))
    if bad and (not skip_bad or size is None):
        more = f" and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise DatasetError(
            f"{len(bad)} of {len(names)} pictures cannot be used: {'; '.join(bad[:SHOWN])}{more}; "
            "remove them or use --skip-bad"
        )
    Manifest(
        resolution=size[1],
        channels=channels,
        num_images=sum(shard.num_images for shard in shards.done),
        label_size=labels.size,
        label_names=tuple(labels.class_names),
        shards=tuple(shards.done),
        notes=notes,
    ).write(folder)
    return bad


def _check_size(name: str, size: int, resolution: int | None) -> None:
    try:
        log2_of(size)
    except DatasetError:
        raise DatasetError(
            f"{name} is {size}×{size}, no power of two from 4 to 1024; give --resolution"
        ) from None


def _prepared(names: list[str], work) -> Iterator[tuple[str, object]]:
    """Runs `work` on all cores, in order, a bounded number of pictures ahead."""

    def attempt(name: str):
        try:
            return work(name)
        except BadPicture as error:
            return error

    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        waiting: deque = deque()
        for name in names:
            waiting.append((name, pool.submit(attempt, name)))
            if len(waiting) >= 4 * cores:
                first, future = waiting.popleft()
                yield first, future.result()
        for name, future in waiting:
            yield name, future.result()


def _example(name: str, image: bytes, label: list[float]) -> bytes:
    """A serialized tf.train.Example."""
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[name.encode()])),
    }
    if label:
        features["label"] = tf.train.Feature(float_list=tf.train.FloatList(value=label))
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


class Shards:
    """Writes records into files of a size; a context manager.

    Args:
        folder: where they go.
        max_bytes: start another after so many bytes,
        max_images: or after so many pictures.

    Attributes:
        done: the `Shard`s, once the context is left.
    """

    def __init__(self, folder: Path, max_bytes: int, max_images: int):
        self.folder = folder
        self.max_bytes = max_bytes
        self.max_images = max_images
        self.counts: list[int] = []
        self.bytes = 0
        self.writer = None
        self.done: list[Shard] = []

    def __enter__(self) -> "Shards":
        return self

    def write(self, record: bytes) -> None:
        """Adds one record."""
        full = self.bytes >= self.max_bytes or (self.counts and self.counts[-1] >= self.max_images)
        if self.writer is None or full:
            self._close()
            self.writer = tf.io.TFRecordWriter(str(self._path(len(self.counts))))
            self.counts.append(0)
            self.bytes = 0
        try:
            self.writer.write(record)
        except tf.errors.OpError as error:
            raise OSError(f"{self.folder}: {error.message}") from error
        self.counts[-1] += 1
        self.bytes += len(record)

    def _path(self, index: int) -> Path:
        return self.folder / f"shard-{index:05d}.tfrecord"

    def _close(self) -> None:
        if self.writer is None:
            return
        try:
            self.writer.close()
        except tf.errors.OpError as error:
            raise OSError(f"{self.folder}: {error.message}") from error
        self.writer = None

    def __exit__(self, kind, *_) -> None:
        self._close()
        if kind is not None:
            return
        for index, count in enumerate(self.counts):
            path = self._path(index)
            named = path.with_name(f"shard-{index:05d}-of-{len(self.counts):05d}.tfrecord")
            path.rename(named)
            self.done.append(Shard(named.name, count, named.stat().st_size, sha256(named)))
