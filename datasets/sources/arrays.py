"""Images that are bare numbers in a file, all of one shape."""

import threading
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np

from ..labels import Labels
from .source import Source


class Arrays(Source):
    """A source whose images have no names: these are their places, as "00000007.png".

    Args:
        path: the folder or file.
        count: of the images.
        width, height: of every image, in pixels.
        channels: 1 or 3.
    """

    def __init__(self, path: Path, count: int, width: int, height: int, channels: int):
        self.path, self.channels = path, channels
        self.names = [f"{index:08d}.png" for index in range(count)]
        self._size = (width, height)

    def pixels(self, name: str) -> np.ndarray:
        """Returns the image whose place is the name."""
        return self.array(index_of(name))

    def array(self, index: int) -> np.ndarray:
        """Returns the image at a place, uint8 [H, W] or [H, W, 3]."""
        raise NotImplementedError

    def size(self, name: str) -> tuple[int, int]:
        """Returns width and height, the same for every image."""
        return self._size


def index_of(name: str) -> int:
    """Returns the place of the image of a name."""
    return int(PurePosixPath(name).stem)


class ByIndex:
    """The label of each image of `Arrays`: classes, integers [N], or numbers, [N, label_size]."""

    def __init__(self, rows: np.ndarray):
        self._rows = rows

    def __getitem__(self, name: str) -> int | list[float]:
        return self._rows[index_of(name)].tolist()


def classes(rows: np.ndarray, names: list[str]) -> Labels:
    """Returns labels by the class of each image, integers [N], and the classes' names, if any."""
    size = max(len(names), int(rows.max()) + 1)
    return Labels(size, names if len(names) == size else [], ByIndex(rows))


class Records:
    """Records of equal length in a file, which may be read from several threads.

    Args:
        file: a file on disk; it stays open.
        length: of a record, in bytes.
        start: where the first one starts.
    """

    def __init__(self, file: IO[bytes], length: int, start: int = 0):
        self._file, self._length, self._start = file, length, start
        self._lock = threading.Lock()

    def __getitem__(self, index: int) -> np.ndarray:
        """Returns a record, uint8 [length]."""
        place = self._start + index * self._length
        with self._lock:  # Windows has no os.pread
            self._file.seek(place)
            data = self._file.read(self._length)
        if len(data) != self._length:
            raise EOFError("the file ends too early")
        return np.frombuffer(data, np.uint8)
