"""Where pictures come from: a folder or a zip of them."""

import contextlib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import DatasetError

# What looks like a picture by its name; other files are passed over.
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


@dataclass(frozen=True)
class Source:
    """Pictures by name.

    Attributes:
        names: relative paths with forward slashes, sorted.
        read: gives the bytes of one; safe to call from several threads.
    """

    names: list[str]
    read: Callable[[str], bytes]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Opens a folder or a zip.

    Raises:
        DatasetError: if it is neither, or has no pictures.
    """
    if path.is_dir():
        names = [child.relative_to(path).as_posix() for child in path.rglob("*") if child.is_file()]
        yield Source(_pictures(names, path), lambda name: (path / name).read_bytes())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield Source(_pictures(archive.namelist(), path), archive.read)
    elif path.exists():
        raise DatasetError(f"{path} is neither a folder nor a zip of pictures")
    else:
        raise DatasetError(f"{path} does not exist; give a folder or a zip of pictures")


def _pictures(names: list[str], path: Path) -> list[str]:
    found = sorted(
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)
    )
    if not found:
        raise DatasetError(f"{path} holds no pictures (PNG, JPEG or WebP)")
    return found
