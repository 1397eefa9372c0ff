"""Writing: TFRecord shards of encoded pictures."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

FRAME = 16  # bytes that TFRecord adds to a record: its length and two checksums


def example(image: bytes, name: str, label: list[float] | None) -> bytes:
    """One record: `image` (PNG or JPEG), `name` (its path in the source), `label` if there is."""
    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        "name": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[name.encode("utf-8", "surrogateescape")])
        ),
    }
    if label is not None:
        feature["label"] = tf.train.Feature(float_list=tf.train.FloatList(value=label))
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


class Shard:
    """One file being written.

    Raises:
        OSError: if the disk is full or the file cannot be written.
    """

    def __init__(self, path: Path):
        self.path, self.num_images, self.bytes = path, 0, 0
        with writing(path):
            self._writer = tf.io.TFRecordWriter(str(path))

    def write(self, record: bytes) -> None:
        with writing(self.path):
            self._writer.write(record)
        self.num_images += 1
        self.bytes += len(record) + FRAME

    def close(self) -> None:
        with writing(self.path):
            self._writer.close()


class ShardWriter:
    """Spreads records over shards of about `shard_bytes`, two at a time.

    Two at a time, so that two records already make two shards: the number of records is not
    known before the last, and a reader can only shuffle shards, or split them, if there are some.
    """

    def __init__(self, folder: Path, shard_bytes: int):
        self._folder, self._shard_bytes = folder, shard_bytes
        self._shards: list[Shard] = []
        self._pair: list[Shard] = []

    def write(self, record: bytes) -> None:
        if len(self._pair) < 2:
            self._pair.append(Shard(self._folder / f"{len(self._shards):05d}.tmp"))
            self._shards.append(self._pair[-1])
        else:
            self._pair.reverse()
        self._pair[-1].write(record)
        if len(self._pair) == 2 and min(s.bytes for s in self._pair) >= self._shard_bytes:
            self._close_pair()

    def _close_pair(self) -> None:
        for shard in self._pair:
            shard.close()
        self._pair = []

    def close(self) -> list[dict]:
        """Gives the shards their names. Returns what the manifest says about them."""
        self._close_pair()
        count = len(self._shards)
        return [self._finish(shard, index, count) for index, shard in enumerate(self._shards)]

    def _finish(self, shard: Shard, index: int, count: int) -> dict:
        name = f"shard-{index:05d}-of-{count:05d}.tfrecord"
        path = shard.path.rename(self._folder / name)
        size = path.stat().st_size
        return {
            "file": name,
            "num_images": shard.num_images,
            "bytes": size,
            "sha256": sha256(path),
        }


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns TensorFlow's errors about a file into the OSError that Python would raise."""
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise OSError(errno.ENOSPC, "No space left on device", str(path)) from None
    except tf.errors.OpError as error:
        raise OSError(errno.EIO, error.message, str(path)) from None
