"""One line for the many errors that damaged files cause."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DatasetError

CAUSES = (
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
    except CAUSES as error:
        reason = " ".join(str(getattr(error, "strerror", None) or error).split())
        raise DatasetError(f"{path} cannot be read: {reason or type(error).__name__}") from None
