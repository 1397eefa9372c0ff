"""Writing: NVIDIA's multi-resolution TFRecords, on which the published code trains.

`NAME-r02.tfrecords` has every image at 4×4, `NAME-r03.tfrecords` at 8×8, and so on to the full
resolution: uncompressed, each an example of `shape` (int64: channels, height, width) and `data`
(uint8, in that layout). `NAME-rxx.labels` is a NumPy file of float32 [images, numbers].
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from .encoding import Prepared, Target, load
from .examples import serialized
from .records import GrowingFile, RecordFile

ROWS = "labels.tmp"


def levels(image: np.ndarray) -> list[np.ndarray]:
    """Returns an image at every resolution from its own down to 4×4.

    Each level is the mean of 2×2 pixels of the one above, which is kept unrounded for that;
    rounding is half to even. Pillow's `reduce` rounds at every level, and half up.

    Args:
        image: uint8 [C, H, W], square, a power of two.
    """
    result: list[np.ndarray] = [image]
    exact: np.ndarray = image.astype(np.float32)
    while exact.shape[-1] > 4:
        rows = exact[:, 0::2] + exact[:, 1::2]
        exact = (rows[..., 0::2] + rows[..., 1::2]) / 4  # exact: powers of two of small integers
        result.append(np.rint(exact).astype(np.uint8))
    return result


def level_example(image: np.ndarray) -> bytes:
    """Returns the record of an image, uint8 [C, H, W]."""
    shape = tf.train.Feature(int64_list=tf.train.Int64List(value=image.shape))
    data = tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()]))
    return serialized({"shape": shape, "data": data})


class LevelWriter:
    """Writes every image at every resolution.

    Args:
        folder: where the files go.
        name: with which their names begin.
        target: what the images are.
        label_size: numbers in a label; 0 for no labels.
        files: what an earlier run wrote, as `files()` gave it.
    """

    def __init__(
        self, folder: Path, name: str, target: Target, label_size: int, files: dict[str, list[Any]]
    ):
        self._folder, self._name, self._target, self._size = folder, name, target, label_size
        exponents = range(target.resolution.bit_length() - 1, 1, -1)
        names = [f"{name}-r{exponent:02d}.tfrecords" for exponent in exponents]
        self._levels = [RecordFile(folder / n, *files.get(n, ())[:2]) for n in names]
        self._rows = GrowingFile(folder / ROWS, *files.get(ROWS, ())[:2])

    def encode(
        self, image: Prepared, name: str, label: list[float] | None
    ) -> tuple[list[bytes], bytes]:
        """Returns what `write` takes; called from several threads. Margins are left out."""
        pixels = np.asarray(load(image.data).convert(self._target.mode))
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        records = [level_example(level) for level in levels(pixels.transpose(2, 0, 1))]
        return records, np.asarray(label or (), "<f4").tobytes()

    def write(self, encoded: tuple[list[bytes], bytes]) -> None:
        """Appends an image to the file of each resolution, and its label."""
        records, row = encoded
        for file, record in zip(self._levels, records, strict=True):
            file.write(record)
        if self._size:
            self._rows.write(row)

    def _files(self) -> Sequence[GrowingFile]:
        return [*self._levels, self._rows] if self._size else self._levels

    def files(self) -> dict[str, list[Any]]:
        """Returns how many images and bytes each file has. There are no hashes in this layout."""
        return {f.path.name: [f.count, f.size, None] for f in self._files() if f.count}

    def flush(self) -> None:
        """Hands what was written to the system."""
        for file in self._files():
            file.flush()

    def close(self) -> dict[str, Any]:
        """Completes the files. Returns what the manifest says about them: there is none."""
        for file in self._files():
            file.close()
        if self._size:
            self._write_labels()
        return {}

    def _write_labels(self) -> None:
        header = {
            "descr": "<f4",
            "fortran_order": False,
            "shape": (self._rows.count, self._size),
        }
        path = self._rows.path
        with path.open("rb") as rows, (self._folder / f"{self._name}-rxx.labels").open("wb") as out:
            # `numpy.save` would need all rows in memory. This has types from NumPy 2.3 on.
            np.lib.format.write_array_header_1_0(out, header)  # type: ignore[no-untyped-call]
            shutil.copyfileobj(rows, out)
        path.unlink()
