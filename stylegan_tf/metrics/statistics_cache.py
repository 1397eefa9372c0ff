"""Statistics of real pictures on disk, so that they are computed once.

A file is named by a hash of all that they depend on. It can be removed at any time.
"""

import hashlib
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from stylegan_tf.files import atomic_write
from stylegan_tf.metrics.moments import Moments

VERSION = 1  # to be raised when the same pictures come to give other numbers
LARGEST = 1 << 30  # bytes; features of more pictures are computed again each time


def path_of(folder: Path, depends: dict) -> Path:
    """Where statistics are kept.

    Args:
        folder: of the cache.
        depends: all that they depend on, as JSON has it.
    """
    text = json.dumps({**depends, "version": VERSION}, sort_keys=True)
    return Path(folder, "reals", f"{hashlib.sha256(text.encode()).hexdigest()}.npz")


def read(path: Path, what: str, count: int) -> Moments | np.ndarray | None:
    """Statistics of so many pictures; None if there are none, or the file is damaged.

    Args:
        path: as by `path_of`.
        what: `"moments"`, or what array there is.
        count: of pictures.
    """
    try:
        with np.load(path) as file:  # its checksums are compared
            arrays = {name: file[name] for name in file.files}
        found = _moments(**arrays) if what == "moments" else arrays[what]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return found if (found.count if what == "moments" else len(found)) == count else None


def write(path: Path, what: str, statistics: Moments | np.ndarray) -> None:
    """Keeps statistics, unless they are too large, or the disk is full or not to be written to."""
    if what == "moments":
        arrays = {name: getattr(statistics, name) for name in ("count", "mean", "scatter")}
    else:
        arrays = {what: statistics}
    if sum(np.asarray(array).nbytes for array in arrays.values()) > LARGEST:
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
    found = Moments()
    found.count, found.mean, found.scatter = int(count), mean, scatter
    return found
