"""TFRecord files, a frame at a time: written so that a later run can append to them.

A frame is the length of a record (8 bytes, little-endian), its checksum, the record and its
checksum. Checksums are CRC32C, masked (https://www.tensorflow.org/tutorials/load_data/tfrecord).
TensorFlow's own writer cannot append to a file, and its reader stops at the first damage.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import google_crc32c

MASK = 0xA282EAD8


class CutOff(Exception):
    """It cannot be told where the next record begins."""


def frame(record: bytes) -> bytes:
    """Returns a record as it stands in a file: 16 bytes longer."""
    length = struct.pack("<Q", len(record))
    return b"".join((length, checksum(length), record, checksum(record)))


def checksum(data: bytes) -> bytes:
    """Returns the masked CRC32C of some bytes."""
    crc = google_crc32c.value(data)
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    return struct.pack("<I", (rotated + MASK) & 0xFFFFFFFF)


def read_records(path: Path) -> Iterator[bytes | None]:
    """Yields the records of a file in order; None for one that is not what was written.

    Raises:
        CutOff: if the file ends in the middle of a record, or the length of one is damaged.
    """
    left = path.stat().st_size
    with path.open("rb") as file:
        while left:
            header = file.read(12)
            if len(header) < 12 or checksum(header[:8]) != header[8:]:
                raise CutOff
            length = struct.unpack("<Q", header[:8])[0]
            left -= len(header) + length + 4
            if left < 0:
                raise CutOff
            record, check = file.read(length), file.read(4)
            yield record if checksum(record) == check else None


class GrowingFile:
    """A file to which one run after another appends; opened when something is appended.

    Args:
        path: of the file.
        count: how many things earlier runs have appended.
        size: bytes of these. What lies behind them is cut off.

    Raises:
        OSError: if the disk is full or the file cannot be written.
    """

    def __init__(self, path: Path, count: int = 0, size: int = 0):
        self.path, self.count, self.size = path, count, size
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Appends some bytes, as one thing."""
        if self._file is None:
            self._file = self.path.open("r+b" if self.size else "wb")
            self._file.truncate(self.size)
            self._file.seek(self.size)
        self._file.write(data)
        self.count += 1
        self.size += len(data)

    def flush(self) -> None:
        """Hands all that was written to the system, so that it outlives this process."""
        if self._file:
            self._file.flush()

    def close(self) -> None:
        """Completes the file."""
        if self._file:
            self._file.close()
            self._file = None
        elif self.path.exists():  # from an earlier run, which may have left more
            with self.path.open("r+b") as file:
                file.truncate(self.size)


class RecordFile(GrowingFile):
    """A TFRecord file that grows."""

    def write(self, record: bytes) -> None:
        """Appends a record."""
        super().write(frame(record))
