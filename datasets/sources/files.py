"""Picture files: in a folder, with those inside it, or in a zip. With ADA's labels, if any."""

import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ..errors import DatasetError
from ..labels import Labels, published_labels
from .damage import naming
from .source import Source

LABELS = "dataset.json"
ZIP = b"PK\3\4"
PICTURES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"}
# Pictures that we do not read. They are listed all the same: better refused by name than left out
# without a word.
FOREIGN = {
    *(".tif", ".tiff", ".bmp", ".dib", ".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".exr", ".hdr", ".svg", ".dng", ".cr2", ".nef"),
}


class Folder(Source):
    """The pictures in a folder and the folders below it, linked ones included."""

    def __init__(self, path: Path):
        self.path = path
        self.names = sorted(name for name in self._walk() if is_picture(name))

    def _walk(self):
        seen = set()
        for folder, below, files in os.walk(self.path, followlinks=True):
            real = os.path.realpath(folder)
            if real in seen:  # a link to a folder above it would go round for ever
                below.clear()
                continue
            seen.add(real)
            for file in files:
                yield (Path(folder) / file).relative_to(self.path).as_posix()

    def open(self, name: str) -> BinaryIO:
        return (self.path / name).open("rb")

    def labels(self) -> Labels:
        path = self.path / LABELS
        return published_labels(path, path.read_bytes(), self.names) if path.is_file() else Labels()


class Zip(Source):
    """The pictures in a zip file."""

    def __init__(self, path: Path):
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise DatasetError(f"{path} is no whole zip file: {error}") from None
        self._files = {member.filename for member in self._zip.infolist() if not member.is_dir()}
        self.names = sorted(name for name in self._files if is_picture(name))

    def open(self, name: str) -> BinaryIO:
        return self._zip.open(name)  # safe from several threads

    def labels(self) -> Labels:
        if LABELS not in self._files:
            return Labels()
        with naming(self.path / LABELS):
            return published_labels(self.path / LABELS, self._zip.read(LABELS), self.names)


def is_picture(name: str) -> bool:
    """Whether the extension is a picture's; not for hidden files and what macOS adds to a zip."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in PICTURES | FOREIGN


def source_at(path: Path) -> Folder | Zip | None:
    """Any folder, or a file that starts or ends as a zip does."""
    if path.is_dir():
        return Folder(path)
    with path.open("rb") as file:
        start = file.read(4)
    return Zip(path) if start == ZIP or zipfile.is_zipfile(path) else None
