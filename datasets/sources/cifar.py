"""CIFAR-10 and CIFAR-100 as published, packed or unpacked: their training pictures, or one part.

https://www.cs.toronto.edu/~kriz/cifar.html
"""

import os
import tarfile
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from .arrays import Arrays, Records, classes
from .cifar_parts import (
    LARGEST,
    LAYOUTS,
    PICTURE,
    SIDE,
    Layout,
    binary_batches,
    class_names,
    pickled_batches,
)
from .damage import CAUSES, naming
from .unpacking import on_disk, unpacked

Files = dict[str, Callable[[], BinaryIO]]  # by name, what opens a file
KNOWN = {name for layout in LAYOUTS for name in (*layout.parts, layout.test, layout.names)}


class Cifar(Arrays):
    """Pictures, 32×32 in colour, with their classes (of CIFAR-100 the fine ones).

    Args:
        path: the folder, the archive, or the file of one part.
        files: what is there; in the folder or archive `place`.
        layout: which of them hold pictures, and how.
    """

    def __init__(self, path: Path, place: Path, files: Files, layout: Layout):
        read = binary_batches if layout.before else pickled_batches
        pixels, found = tempfile.TemporaryFile(), []  # noqa: SIM115 - pictures are read later
        for part in layout.parts:
            if part not in files:
                raise DatasetError(f"{place} is not whole: {part} is missing")
            with naming(place / part), files[part]() as file:
                for labels, pictures in read(file, place / part, layout):
                    found.append(labels)
                    pixels.write(pictures.tobytes())
        pixels.flush()
        if not sum(map(len, found)):
            raise DatasetError(f"{path} holds no pictures")
        self._classes = np.concatenate(found)
        super().__init__(path, len(self._classes), SIDE, SIDE, 3)
        self._records = Records(pixels, PICTURE)
        with naming(place / layout.names), files[layout.names]() as file:
            self._names = class_names(file, place / layout.names, layout)
            if self._classes.max() >= len(self._names):
                raise ValueError(f"it names {len(self._names)} classes, the pictures have more")

    def pixels(self, index: int) -> np.ndarray:
        return self._records[index].reshape(3, SIDE, SIDE).transpose(1, 2, 0)

    def labels(self) -> Labels:
        return classes(self._classes, self._names)


def source_at(path: Path) -> Cifar | None:
    """CIFAR in a folder or a tar file, or a part of it, if `path` is that."""
    if path.name in KNOWN and path.is_file():
        return part_at(path)
    files = in_folder(path) if path.is_dir() else in_tar(path)
    for layout in LAYOUTS:
        if layout.names in files and not files.keys().isdisjoint(layout.parts):
            return Cifar(path, path, files, layout)
    return None


def part_at(path: Path) -> Cifar | None:
    """A file of pictures, if the names of its classes lie beside it."""
    files = in_folder(path.parent)
    for layout in LAYOUTS:
        if path.name in (*layout.parts, layout.test) and layout.names in files:
            return Cifar(path, path.parent, files, layout._replace(parts=[path.name]))
    return None


def in_folder(path: Path) -> Files:
    return {name: partial((path / name).open, "rb") for name in KNOWN if (path / name).is_file()}


def in_tar(path: Path) -> Files:
    if not is_tar(path):
        return {}
    with naming(path):
        file = on_disk(unpacked(path), LARGEST)
        if os.fstat(file.fileno()).st_size >= LARGEST:
            return {}
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - parts are read later
        members = [member for member in archive if member.isfile()]
    found = ((Path(member.name).name, member) for member in members)
    return {name: partial(archive.extractfile, member) for name, member in found if name in KNOWN}


def is_tar(path: Path) -> bool:
    """Whether a file, which may be packed, starts as a tar does."""
    try:
        with unpacked(path) as file:
            tarfile.TarInfo.frombuf(file.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape")
    except CAUSES:
        return False
    return True
