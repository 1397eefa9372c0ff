"""Files as they are published: compressed by gzip or not, and sometimes damaged."""

import gzip
import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import DatasetError

GZIP = b"\x1f\x8b"
DAMAGE = (  # what reading a damaged file raises
    *(OSError, EOFError, ValueError, struct.error),
    *(zlib.error, lzma.LZMAError, tarfile.TarError),
    *(zipfile.BadZipFile, RuntimeError),  # the latter for a locked member of a zip
)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turns what reading a file raises into a DatasetError that names it."""
    try:
        yield
    except DatasetError:
        raise
    except DAMAGE as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DatasetError(f"{path} cannot be read: {reason or type(error).__name__}") from None


def decompressed(path: Path) -> IO[bytes] | gzip.GzipFile:
    """Opens a file, and decompresses it if it is a gzip file."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == GZIP
    return gzip.open(path) if is_gzip else path.open("rb")


def on_disk(source: IO[bytes] | gzip.GzipFile, max_bytes: int) -> IO[bytes]:
    """Returns the rest of a file as a file on disk, any place of which can be read.

    Args:
        source: of `decompressed`. If it is compressed, the rest goes into a temporary file.
        max_bytes: of a compressed file, so many bytes of the rest: a few kB can become many GB.

    Returns:
        The file, at the place where the rest begins.
    """
    if not isinstance(source, gzip.GzipFile):
        return source
    with source:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - images are read later
        while block := source.read(min(1 << 20, max_bytes)):
            file.write(block)
            max_bytes -= len(block)
    file.seek(0)
    return file


def is_tar(path: Path) -> bool:
    """Returns whether a file, which may be compressed, starts as a tar does."""
    try:
        with decompressed(path) as file:
            tarfile.TarInfo.frombuf(file.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape")
    except DAMAGE:
        return False
    return True
