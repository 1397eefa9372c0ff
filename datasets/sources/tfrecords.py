"""NVIDIA's multi-resolution TFRecords: the file of the highest resolution, with its labels.

A set is `NAME-r02.tfrecords` (4×4) to `NAME-r10.tfrecords` (1024×1024) and `NAME-rxx.labels`. A
record is a `tf.train.Example` of `shape`, int64 [3] (C, H, W), and `data`, its bytes. In the file
its length (uint64) and the checksum of that stand before it, its checksum behind it.
"""

import math
import re
import struct
from array import array
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from ..records import checksum
from ..resolutions import RESOLUTIONS
from .arrays import Arrays, ByIndex
from .reading import naming
from .source import register

NAME = re.compile(r"(?P<set>.+)-r(?P<level>\d\d)\.tfrecords")
LENGTH = struct.Struct("<Q")
CHECKSUM = 4  # bytes, behind the length and behind the record
MAX_BYTES = 1 << 22  # of a record: 3×1024×1024 and a little around it
BLOCK = 4096  # labels that are checked at a time


@register("tfrecords")
class TFRecords(Arrays):
    """The images of one file, in its order."""

    def __init__(self, path: Path):
        self.path = path
        self._starts = starts(path)
        with naming(path):
            self._shape = self._first().shape
        channels, height, width = self._shape
        if channels not in (1, 3) or height != width or width not in RESOLUTIONS:
            raise DatasetError(
                f"{path}: its images, {channels}×{height}×{width}, are none of 1 or 3 channels "
                "and of a square power of two from 4 to 1024"
            )
        super().__init__(path, len(self._starts), width, height, channels)

    @classmethod
    def at(cls, path: Path) -> "TFRecords | None":
        """Returns a TFRecord file, or the one of the highest resolution of a folder."""
        if not path.is_dir():
            return cls(path) if is_framed(path) else None
        matches = [match for file in path.iterdir() if (match := NAME.fullmatch(file.name))]
        if not matches:
            return None
        sets = sorted({match["set"] for match in matches})
        if len(sets) > 1:
            raise DatasetError(
                f"{path} holds {len(sets)} sets, {', '.join(sets)}: give a file of one"
            )
        return cls(path / max(matches, key=lambda match: match["level"]).string)

    def array(self, index: int) -> np.ndarray:
        """Returns an image, uint8 [H, W] or [H, W, 3]."""
        image = self.stored(index)
        if image.shape != self._shape:
            raise ValueError(f"its shape is {image.shape} instead of {self._shape}")
        return image[0] if len(image) == 1 else image.transpose(1, 2, 0)

    def stored(self, index: int) -> np.ndarray:
        """Returns an image as the file has it, uint8 [C, H, W]."""
        with self.path.open("rb") as file:
            file.seek(self._starts[index])
            length = length_of(file.read(LENGTH.size + CHECKSUM)) or 0
            if length > MAX_BYTES:
                raise ValueError(f"record {index} is too long for an image of 1024×1024")
            data = file.read(length)
            if checksum(data) != file.read(CHECKSUM):
                raise ValueError(f"record {index} has another checksum than it should")
        return decoded(data)

    def _first(self) -> np.ndarray:
        """Returns the first image that is not damaged."""
        for index in range(len(self._starts) - 1):
            with suppress(ValueError):
                return self.stored(index)
        return self.stored(-1)

    def labels(self) -> Labels:
        """Returns the labels of the file beside this one, if it is there."""
        path = labels_of(self.path)
        if path is None:
            return Labels()
        rows = read_labels(path)
        if len(rows) != len(self.names):
            raise DatasetError(f"{path} has {len(rows)} labels for {len(self.names)} images")
        return Labels(rows.shape[1], [], ByIndex(rows))


def is_framed(path: Path) -> bool:
    """Returns whether a file starts as a TFRecord does."""
    with path.open("rb") as file:
        return length_of(file.read(LENGTH.size + CHECKSUM)) is not None


def length_of(start: bytes) -> int | None:
    """Returns the length of the record that starts so; None if its checksum is wrong."""
    data, check = start[: LENGTH.size], start[LENGTH.size :]
    return LENGTH.unpack(data)[0] if len(check) == CHECKSUM and checksum(data) == check else None


def starts(path: Path) -> "array[int]":
    """Returns where each record starts, by going from length to length."""
    places, place, end = array("Q"), 0, path.stat().st_size
    with path.open("rb") as file:
        while place < end:
            file.seek(place)
            length = length_of(file.read(LENGTH.size + CHECKSUM))
            if length is None:
                raise DatasetError(f"{path} is damaged or cut short after {len(places)} images")
            places.append(place)
            place += LENGTH.size + length + 2 * CHECKSUM
    if place > end:
        raise DatasetError(f"{path} is cut short after {len(places) - 1} images")
    if not places:
        raise DatasetError(f"{path} holds no images")
    return places


def decoded(data: bytes) -> np.ndarray:
    """Returns an example as uint8 [C, H, W]."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        feature = tf.train.Example.FromString(data).features.feature
    except DecodeError:
        raise ValueError("a record is no tf.train.Example") from None
    shape = tuple(feature["shape"].int64_list.value)
    pixels = b"".join(feature["data"].bytes_list.value)
    if len(shape) != 3 or min(shape) < 1 or math.prod(shape) != len(pixels):
        raise ValueError(f"an example of shape {shape} has {len(pixels)} bytes of data")
    return np.frombuffer(pixels, np.uint8).reshape(shape)


def labels_of(path: Path) -> Path | None:
    """Returns the file of the labels of a file, if it is there."""
    match = NAME.fullmatch(path.name)
    labels = path.with_name(f"{match['set']}-rxx.labels") if match else None
    return labels if labels and labels.is_file() else None


def read_labels(path: Path) -> np.ndarray:
    """Returns the labels, [N, label_size], left on disk."""
    try:
        # It has types from NumPy 2.3 on.
        rows = np.lib.format.open_memmap(path, mode="r")  # type: ignore[no-untyped-call]
    except Exception as error:  # the header is text, of which NumPy raises nearly anything
        reason = " ".join(str(error).split())[:200]
        raise DatasetError(f"{path} is not a NumPy file of numbers: {reason}") from None
    if rows.ndim != 2 or not rows.size or rows.dtype.kind not in "fiub":
        raise DatasetError(f"{path} holds {rows.dtype} {rows.shape} instead of a number a class")
    for start in range(0, len(rows), BLOCK):
        if not np.isfinite(rows[start : start + BLOCK]).all():
            raise DatasetError(f"{path}: a label is not a number")
    return rows
