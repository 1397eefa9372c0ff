"""IDX files: MNIST, Fashion-MNIST and their relatives.

Format: https://yann.lecun.com/exdb/mnist.
A file starts with two zeros, the type of its numbers (8: bytes) and how many dimensions it has;
their lengths follow, big-endian, then the numbers.

A header and `numpy.frombuffer` are all of it; the package idx2numpy reads whole files at once, and
here images are read one at a time.
"""

import math
import os
import struct
from pathlib import Path
from typing import IO

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from ..resolutions import RESOLUTIONS
from .arrays import Arrays, Records, classes
from .reading import DAMAGE, decompressed, naming, on_disk
from .source import register

IMAGES, LABELS = b"\0\0\x08\x03", b"\0\0\x08\x01"
TRAINING = [f"train-images{dot}idx3-ubyte{end}" for dot in ("-", ".") for end in ("", ".gz")]


@register("idx")
class Idx(Arrays):
    """The grey images of an IDX file, in the middle of a black square of a power of two.

    28×28 pixels become 32×32, as is usual for MNIST: none is lost and none is invented.
    """

    def __init__(self, path: Path):
        file, (count, self._height, self._width) = opened(path, IMAGES)
        square = next(side for side in RESOLUTIONS if side >= max(self._height, self._width))
        super().__init__(path, count, square, square, 1)
        self._records = Records(file, self._height * self._width, file.tell())

    @classmethod
    def at(cls, path: Path) -> "Idx | None":
        """Returns an IDX file of images, or the training images of a folder of such files."""
        if path.is_dir():
            file = next((path / name for name in TRAINING if (path / name).is_file()), None)
            return cls(file) if file else None
        return cls(path) if start(path) == IMAGES else None

    def array(self, index: int) -> np.ndarray:
        """Returns an image with its margins, uint8 [side, side]."""
        image = self._records[index].reshape(self._height, self._width)
        side = self.size(self.names[index])[0]
        top, left = (side - self._height) // 2, (side - self._width) // 2
        square = np.zeros((side, side), np.uint8)
        square[top : top + self._height, left : left + self._width] = image
        return square

    def labels(self) -> Labels:
        """Returns the classes of the file of labels beside this one, if it is there."""
        path = labels_of(self.path)
        if path is None:
            return Labels()
        file, (count,) = opened(path, LABELS)
        if count != len(self.names):
            raise DatasetError(f"{path} has {count} labels for {len(self.names)} images")
        return classes(np.frombuffer(file.read(count), np.uint8), [])


def start(path: Path) -> bytes:
    """Returns the first four bytes of a file, which may be compressed."""
    try:
        with decompressed(path) as file:
            return file.read(4)
    except DAMAGE:  # no gzip file, and so none of ours
        return b""


def opened(path: Path, magic: bytes) -> tuple[IO[bytes], tuple[int, ...]]:
    """Opens a file. Returns it, on disk and after its header, and the dimensions in the header."""
    with naming(path):
        file = decompressed(path)
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
    """Raises DatasetError if images are too large to be resized, or have no pixels."""
    if not all(1 <= side <= RESOLUTIONS[-1] for side in sides):
        size = "×".join(map(str, reversed(sides)))
        raise DatasetError(f"{path}: images of {size} are not from 1 to 1024 wide and high")


def labels_of(path: Path) -> Path | None:
    """Returns the file of labels that belongs to one of images, if it is there."""
    name = path.name.replace("images", "labels").replace("idx3", "idx1").removesuffix(".gz")
    if name == path.name.removesuffix(".gz"):
        return None
    candidates = (path.with_name(name + end) for end in ("", ".gz"))
    return next((file for file in candidates if file.is_file()), None)
