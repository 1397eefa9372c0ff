"""IDX files: MNIST, Fashion-MNIST and their relatives. https://yann.lecun.com/exdb/mnist

A file starts with two zeros, the type of its numbers (8: bytes) and how many dimensions it has;
their lengths follow, big-endian, then the numbers.
"""

import math
import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from ..resolutions import RESOLUTIONS
from .arrays import Arrays, Records, classes
from .damage import CAUSES, naming
from .unpacking import on_disk, unpacked

IMAGES, LABELS = b"\0\0\x08\x03", b"\0\0\x08\x01"
TRAINING = [f"train-images{dot}idx3-ubyte{packed}" for dot in ("-", ".") for packed in ("", ".gz")]


class Idx(Arrays):
    """The grey pictures of an IDX file, in the middle of a black square of a power of two.

    28×28 pixels become 32×32, as is usual for MNIST: none is lost and none is invented.
    """

    def __init__(self, path: Path):
        file, (count, self._height, self._width) = opened(path, IMAGES)
        square = next(side for side in RESOLUTIONS if side >= max(self._height, self._width))
        super().__init__(path, count, square, square, 1)
        self._records = Records(file, self._height * self._width, file.tell())

    def pixels(self, index: int) -> np.ndarray:
        picture = self._records[index].reshape(self._height, self._width)
        side = self.size(self.names[index])[0]
        top, left = (side - self._height) // 2, (side - self._width) // 2
        square = np.zeros((side, side), np.uint8)
        square[top : top + self._height, left : left + self._width] = picture
        return square

    def labels(self) -> Labels:
        path = labels_of(self.path)
        if path is None:
            return Labels()
        file, (count,) = opened(path, LABELS)
        if count != len(self.names):
            raise DatasetError(f"{path} has {count} labels for {len(self.names)} pictures")
        return classes(np.frombuffer(file.read(count), np.uint8), [])


def source_at(path: Path) -> Idx | None:
    """An IDX file of pictures, or the training pictures of a folder, if `path` is that."""
    if path.is_dir():
        file = next((path / name for name in TRAINING if (path / name).is_file()), None)
        return Idx(file) if file else None
    return Idx(path) if start(path) == IMAGES else None


def start(path: Path) -> bytes:
    """The first four bytes of what a file, which may be packed, holds."""
    try:
        with unpacked(path) as file:
            return file.read(4)
    except CAUSES:  # no whole gzip file, and so none of ours
        return b""


def opened(path: Path, magic: bytes) -> tuple[BinaryIO, tuple[int, ...]]:
    """A file on disk, after its header, and the dimensions that the header tells."""
    with naming(path):
        file = unpacked(path)
        if file.read(4) != magic:
            raise DatasetError(f"{path} is no IDX file of {magic[3]} dimensions of bytes")
        shape = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
        check_sides(path, *shape[1:])
        promised = math.prod(shape)
        file = on_disk(file, promised + 1)
        length = os.fstat(file.fileno()).st_size - file.tell()
    if length > promised:
        raise DatasetError(f"{path} has more than the {promised} bytes that its header tells")
    if length < promised or not length:
        raise DatasetError(f"{path} has {length} bytes of numbers instead of {promised}")
    return file, shape


def check_sides(path: Path, *sides: int) -> None:
    """Height and width of the pictures, if it has any."""
    if not all(1 <= side <= RESOLUTIONS[-1] for side in sides):
        size = "×".join(map(str, reversed(sides)))
        raise DatasetError(f"{path}: pictures of {size} are not from 1 to 1024 wide and high")


def labels_of(path: Path) -> Path | None:
    """The file of labels that belongs to one of images, if it is there, packed or not."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    if name == path.name.removesuffix(".gz"):
        return None
    found = (path.with_name(name + packed) for packed in ("", ".gz"))
    return next((one for one in found if one.is_file()), None)
