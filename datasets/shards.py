"""Writing: TFRecord shards of encoded images."""

from pathlib import Path
from typing import Any

from ..files import sha256_of
from .encoding import Prepared
from .examples import example
from .records import RecordFile


class Shard(RecordFile):
    """A TFRecord file of a dataset, with its SHA-256 once it is complete."""

    def __init__(self, path: Path, count: int = 0, size: int = 0, digest: str | None = None):
        super().__init__(path, count, size)
        self.digest = digest

    def close(self) -> None:
        """Completes the file and takes its SHA-256."""
        super().close()
        self.digest = self.digest or sha256_of(self.path)


class ShardWriter:
    """Spreads images over shards of about `shard_bytes`, two at a time.

    Two at a time, so that two records already make two shards: the number of records is not
    known before the last, and a reader can only shuffle shards, or split them, if there are some.

    Args:
        folder: where they go.
        shard_bytes: size that a shard grows to.
        files: what an earlier run wrote, as `files()` gave it.
    """

    def __init__(self, folder: Path, shard_bytes: int, files: dict[str, list[Any]]):
        self._folder, self._shard_bytes = folder, shard_bytes
        self._shards = [Shard(folder / name, *place) for name, place in files.items()]

    @staticmethod
    def encode(image: Prepared, name: str, label: list[float] | None) -> bytes:
        """Returns the record of an image; called from several threads."""
        return example(image.data, name, label, image.margins)

    def write(self, record: bytes) -> None:
        """Appends a record to the shard whose turn it is."""
        self._next().write(record)

    def _next(self) -> Shard:
        """Returns the shard that the next record goes into: those of the last pair take turns."""
        pair = self._pair()
        if len(pair) == 2 and min(shard.size for shard in pair) >= self._shard_bytes:
            for shard in pair:
                shard.close()
            pair = []
        if len(pair) < 2:
            self._shards.append(Shard(self._folder / f"{len(self._shards):05d}.tmp"))
            return self._shards[-1]
        return min(pair, key=lambda shard: shard.count)

    def _pair(self) -> list[Shard]:
        return self._shards[(len(self._shards) - 1) // 2 * 2 :] if self._shards else []

    def files(self) -> dict[str, list[Any]]:
        """Returns how many images and bytes each file has, and its SHA-256 if it is complete."""
        return {s.path.name: [s.count, s.size, s.digest] for s in self._shards}

    def flush(self) -> None:
        """Hands what was written to the system."""
        for shard in self._pair():
            shard.flush()

    def close(self) -> dict[str, Any]:
        """Gives the shards their names. Returns what the manifest says about them."""
        for shard in self._pair():
            shard.close()
        return {"shards": [self._finish(shard, i) for i, shard in enumerate(self._shards)]}

    def _finish(self, shard: Shard, index: int) -> dict[str, Any]:
        name = f"shard-{index:05d}-of-{len(self._shards):05d}.tfrecord"
        shard.path.replace(self._folder / name)
        return {
            "file": name,
            "num_images": shard.count,
            "bytes": shard.size,
            "sha256": shard.digest,
        }
