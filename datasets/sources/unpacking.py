"""Files that may be packed by gzip, as files from any place of which can be read."""

import gzip
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

GZIP = b"\x1f\x8b"


class Bounded:
    """What reads so much of a file and no more: a few kB can unpack to many GB."""

    def __init__(self, file: BinaryIO, most: int):
        self._file, self._left = file, most

    def read(self, length: int) -> bytes:
        data = self._file.read(min(length, self._left))
        self._left -= len(data)
        return data


def unpacked(path: Path) -> BinaryIO:
    """What a file holds, from its beginning."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return gzip.open(path) if packed else path.open("rb")


def on_disk(source: BinaryIO, most: int) -> BinaryIO:
    """The rest of a file of `unpacked`, as a file on disk that stands where the rest begins.

    If it is packed, the rest is unpacked into a temporary file, but no more than `most` bytes.
    """
    if not isinstance(source, gzip.GzipFile):
        return source
    with source:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - pictures are read later
        shutil.copyfileobj(Bounded(source, most), file, 1 << 20)
    file.seek(0)
    return file
