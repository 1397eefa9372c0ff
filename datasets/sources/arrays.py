"""Pictures that are bare numbers in a file, all of one shape."""

import io
import os
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from PIL import Image

from ..labels import Labels
from .source import Source


class Arrays(Source):
    """A source without files: a picture's name is its place, and it is given as PNG.

    Args:
        path: the folder or file.
        count: of the pictures.
        width, height: of every picture, in pixels.
        channels: 1 or 3.
    """

    def __init__(self, path: Path, count: int, width: int, height: int, channels: int):
        self.path, self.channels = path, channels
        self.names = [f"{index:08d}.png" for index in range(count)]
        self._size = (width, height)

    def pixels(self, index: int) -> np.ndarray:
        """A picture, uint8 [H, W] or [H, W, 3]."""
        raise NotImplementedError

    def open(self, name: str) -> BinaryIO:
        encoded = io.BytesIO()
        Image.fromarray(self.pixels(place(name))).save(encoded, "PNG")
        encoded.seek(0)
        return encoded

    def size(self, name: str) -> tuple[int, int]:
        return self._size


def place(name: str) -> int:
    """The place of the picture of a name."""
    return int(PurePosixPath(name).stem)


class ByPlace:
    """The label of each picture of `Arrays`: classes, integers [N], or numbers, [N, label_size]."""

    def __init__(self, rows: np.ndarray):
        self._rows = rows

    def __getitem__(self, name: str) -> int | list[float]:
        return self._rows[place(name)].tolist()


def classes(rows: np.ndarray, names: list[str]) -> Labels:
    """Labels from the class of each picture, integers [N], and the names of the classes, if any."""
    size = max(len(names), int(rows.max()) + 1)
    return Labels(size, names if len(names) == size else [], ByPlace(rows))


class Records:
    """Records of equal length in a file, which may be read from several threads.

    Args:
        file: a file on disk; it stays open.
        length: of a record, in bytes.
        start: where the first one starts.
    """

    def __init__(self, file: BinaryIO, length: int, start: int = 0):
        self._file, self._length, self._start = file, length, start

    def __getitem__(self, index: int) -> np.ndarray:
        """A record, uint8 [length]."""
        place = self._start + index * self._length
        data = os.pread(self._file.fileno(), self._length, place)
        if len(data) != self._length:
            raise EOFError("the file ends too early")
        return np.frombuffer(data, np.uint8)
