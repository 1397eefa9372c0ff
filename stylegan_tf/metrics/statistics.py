"""What metrics need of a set of images: gathered from batches in one pass, and kept on disk.

Statistics of real images are computed once. A file of the cache is named by a hash of all that they
depend on, and can be removed at any time.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.files import atomic_write
from stylegan_tf.metrics.features import BLOCK
from stylegan_tf.metrics.frechet import Moments

Need = tuple[str, int]  # as `Metric.needs` has it, and of how many of the first images
PLACES = {"features": 0, "images": 0, "probabilities": 1}  # in the tuples of a batch
VERSION = 1  # to be raised when the same images come to give other numbers
MAX_BYTES = 1 << 30  # of a file; features of more images are computed again each time


def gather(batches: Iterable[tuple], needs: Iterable[Need]) -> dict[Need, Moments | np.ndarray]:
    """Goes through batches once and returns what is needed of them.

    Args:
        batches: tuples of features [n, D] and, where these are needed, probabilities [n, C]; or of
            images alone, [n, H, W, C].
        needs: what, and of how many of the first images. There must be so many.

    Returns:
        by need `Moments`, features [count, D], probabilities [count, C], or images. Arrays of
        several counts share memory.
    """
    needs = set(needs)
    moments = {count: Moments() for what, count in needs if what == "moments"}
    rows: dict[str, tuple[int, Rows]] = {}
    for what, place in PLACES.items():
        if counts := [count for other, count in needs if other == what]:
            rows[what] = place, Rows(max(counts))
    for block in in_blocks(batches):
        for count, summed in moments.items():
            summed.update(block[0][: count - summed.count])
        for place, kept in rows.values():
            kept.add(block[place])
    return {
        (what, count): moments[count] if what == "moments" else rows[what][1].array[:count]
        for what, count in needs
    }


def in_blocks(batches: Iterable[tuple]) -> Iterator[tuple]:
    """Yields batches put together to some thousands: of each, moments cost products of D by D."""
    waiting, count = [], 0
    for batch in batches:
        waiting.append(batch)
        count += len(batch[0])
        if count >= BLOCK:
            yield _joined(waiting)
            waiting, count = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[tuple]) -> tuple:
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


class Rows:
    """The first rows of a table that comes in parts.

    Args:
        count: how many rows are kept.
    """

    def __init__(self, count: int):
        self.count = count
        self.array: Any = None  # [count, …], filled up to `_done`
        self._done = 0

    def add(self, part: np.ndarray) -> None:
        """Adds rows [n, …]; those beyond the count are left out."""
        if self.array is None:
            self.array = np.empty([self.count, *part.shape[1:]], part.dtype)
        part = part[: self.count - self._done]
        self.array[self._done : self._done + len(part)] = part
        self._done += len(part)


def cache_path(folder: Path, depends: dict) -> Path:
    """Returns where statistics are kept.

    Args:
        folder: of the cache.
        depends: all that they depend on, as JSON has it.
    """
    text = json.dumps({**depends, "version": VERSION}, sort_keys=True)
    return Path(folder, "reals", f"{hashlib.sha256(text.encode()).hexdigest()}.npz")


def read_cached(path: Path, what: str, count: int) -> Moments | np.ndarray | None:
    """Returns statistics of so many images; None if there are none, or the file is damaged.

    Args:
        path: as by `cache_path`.
        what: `"moments"`, or what array there is.
        count: of images.
    """
    try:
        with np.load(path) as file:  # its checksums are compared
            arrays = {name: file[name] for name in file.files}
        result = _moments(**arrays) if what == "moments" else arrays[what]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    size = result.count if isinstance(result, Moments) else len(result)
    return result if size == count else None


def write_cached(path: Path, what: str, statistics: Moments | np.ndarray) -> None:
    """Keeps statistics, unless they are too large, or the disk is full or not to be written to."""
    if what == "moments":
        arrays = {name: getattr(statistics, name) for name in ("count", "mean", "scatter")}
    else:
        arrays = {what: statistics}
    if sum(np.asarray(array).nbytes for array in arrays.values()) > MAX_BYTES:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as partial, partial.open("wb") as file:
            np.savez(file, **arrays)
    except OSError:  # they are at hand, and will be computed again
        pass


def _moments(count: np.ndarray, mean: np.ndarray, scatter: np.ndarray) -> Moments:
    width = mean.size
    if count.shape or mean.shape != (width,) or scatter.shape != (width, width):
        raise ValueError("no moments")
    moments = Moments()
    moments.count, moments.mean, moments.scatter = int(count), mean, scatter
    return moments
