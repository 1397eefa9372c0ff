"""Where pictures come from: a folder, with those inside it, or a zip file."""

import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .errors import DatasetError

PICTURES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp"}
# Pictures that we do not read. They are listed all the same: better refused by name than left out
# without a word.
FOREIGN = {
    *(".tif", ".tiff", ".bmp", ".dib", ".gif", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".psd"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".exr", ".hdr", ".svg", ".dng", ".cr2", ".nef"),
}


class Folder:
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


class Zip:
    """The pictures in a zip file."""

    def __init__(self, path: Path):
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise DatasetError(f"{path} is not a folder, nor a whole zip file: {error}") from None
        files = {member.filename for member in self._zip.infolist() if not member.is_dir()}
        self.names = sorted(name for name in files if is_picture(name))

    def open(self, name: str) -> BinaryIO:
        return self._zip.open(name)  # safe from several threads


def is_picture(name: str) -> bool:
    """Whether the extension is a picture's; not for hidden files and what macOS adds to a zip."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in PICTURES | FOREIGN


def open_source(path: str | Path) -> Folder | Zip:
    """Lists a folder or a zip: `.names` (sorted, relative) and `.open(name)`.

    Raises:
        DatasetError: if there is no such folder or zip, or no picture in it.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist: give a folder or a zip file of pictures")
    source = Folder(path) if path.is_dir() else Zip(path)
    if not source.names:
        raise DatasetError(f"{path} holds no pictures: give a folder or zip of PNG, JPEG or WebP")
    return source
