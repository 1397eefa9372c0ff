"""Image files: in a folder and those below it, or in a zip. With ADA's labels, if any."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from ..errors import DatasetError
from ..labels import Labels, published_labels
from .reading import naming
from .source import Source, register

LABELS = "dataset.json"
ZIP = b"PK\3\4"
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"}
# Images that we do not read. They are listed all the same: better refused by name than left out
# without a word.
OTHER_SUFFIXES = {
    *(".tif", ".tiff", ".bmp", ".dib", ".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".exr", ".hdr", ".svg", ".dng", ".cr2", ".nef"),
}


@register("folder")
class Folder(Source):
    """The images in a folder and the folders below it, linked ones included."""

    def __init__(self, path: Path):
        self.path = path
        self.names = sorted(name for name in self._walk() if is_image(name))

    @classmethod
    def at(cls, path: Path) -> "Folder | None":
        """Returns any folder."""
        return cls(path) if path.is_dir() else None

    def _walk(self) -> Iterator[str]:
        """Yields every file below the folder."""
        seen = set()
        for folder, below, files in os.walk(self.path, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:  # a link to a folder above it would go round for ever
                below.clear()
                continue
            seen.add(real)
            for file in files:
                yield (Path(folder) / file).relative_to(self.path).as_posix()

    def open(self, name: str) -> IO[bytes]:
        """Opens a file of the folder."""
        return (self.path / name).open("rb")

    def labels(self) -> Labels:
        """Returns the labels of `dataset.json`, if it is there."""
        path = self.path / LABELS
        return published_labels(path, path.read_bytes(), self.names) if path.is_file() else Labels()


@register("zip")
class Zip(Source):
    """The images in a zip file."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise DatasetError(f"{path} is no whole zip file: {error}") from None
        self._files = {member.filename for member in self._zip.infolist() if not member.is_dir()}
        self.names = sorted(name for name in self._files if is_image(name))

    @classmethod
    def at(cls, path: Path) -> "Zip | None":
        """Returns a file that starts or ends as a zip does."""
        if path.is_dir():
            return None
        with path.open("rb") as file:
            start = file.read(4)
        return cls(path) if start == ZIP or zipfile.is_zipfile(path) else None

    def open(self, name: str) -> IO[bytes]:
        """Opens a member of the zip."""
        return self._zip.open(name)  # safe from several threads

    def labels(self) -> Labels:
        """Returns the labels of `dataset.json`, if it is there."""
        if LABELS not in self._files:
            return Labels()
        with naming(self.path / LABELS):
            return published_labels(self.path / LABELS, self._zip.read(LABELS), self.names)


def is_image(name: str) -> bool:
    """Returns whether the suffix is an image's; not for hidden files and what macOS adds."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in SUFFIXES | OTHER_SUFFIXES
