"""CIFAR-10 and CIFAR-100 as published, packed or unpacked: their training pictures.

https://www.cs.toronto.edu/~kriz/cifar.html. The python archives hold pickles, of which no code is
run: see `stylegan_tf.importing.pickles`.
"""

import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from .arrays import Arrays, Records, classes
from .damage import CAUSES, naming

SIDE = 32
PICTURE = 3 * SIDE * SIDE  # bytes: all red ones, then green, then blue
BLOCK = 1000  # binary: pictures that are read at a time
LARGEST = 1 << 28  # bytes of a pickle; the published ones have up to 155 million

Files = dict[str, Callable[[], BinaryIO]]  # by name, what opens a file


class Layout(NamedTuple):
    """One of the four forms: its files, and where the labels are."""

    parts: list[str]
    names: str  # the file of the names of the classes
    before: int = 0  # binary: bytes before a picture, the last of which is the class
    labels: str = ""  # python: key of the classes
    label_names: str = ""  # python: key of their names


LAYOUTS = [
    Layout([f"data_batch_{n}.bin" for n in range(1, 6)], "batches.meta.txt", before=1),
    Layout(["train.bin"], "fine_label_names.txt", before=2),
    Layout(
        [f"data_batch_{n}" for n in range(1, 6)],
        "batches.meta",
        labels="labels",
        label_names="label_names",
    ),
    Layout(["train"], "meta", labels="fine_labels", label_names="fine_label_names"),
]
KNOWN = {name for layout in LAYOUTS for name in (*layout.parts, layout.names)}


class Cifar(Arrays):
    """The training pictures, 32×32 in colour, with their classes (of CIFAR-100 the fine ones)."""

    def __init__(self, path: Path, files: Files, layout: Layout):
        read = binary_batches if layout.before else pickled_batches
        pixels, found = tempfile.TemporaryFile(), []  # noqa: SIM115 - pictures are read later
        for part in layout.parts:
            if part not in files:
                raise DatasetError(f"{path} is not whole: {part} is missing")
            with naming(path / part), files[part]() as file:
                for labels, pictures in read(file, path / part, layout):
                    found.append(labels)
                    pixels.write(pictures.tobytes())
        pixels.flush()
        if not sum(map(len, found)):
            raise DatasetError(f"{path} holds no pictures")
        self._classes = np.concatenate(found)
        super().__init__(path, len(self._classes), SIDE, SIDE, 3)
        self._records = Records(pixels, PICTURE)
        with naming(path / layout.names), files[layout.names]() as file:
            self._names = class_names(file, path / layout.names, layout)
            if self._classes.max() >= len(self._names):
                raise ValueError(f"it names {len(self._names)} classes, the pictures have more")

    def pixels(self, index: int) -> np.ndarray:
        return self._records[index].reshape(3, SIDE, SIDE).transpose(1, 2, 0)

    def labels(self) -> Labels:
        return classes(self._classes, self._names)


def source_at(path: Path) -> Cifar | None:
    """CIFAR in a folder or a tar file, if that is what `path` is."""
    files = in_folder(path) if path.is_dir() else in_tar(path)
    for layout in LAYOUTS:
        if layout.names in files and not files.keys().isdisjoint(layout.parts):
            return Cifar(path, files, layout)
    return None


def in_folder(path: Path) -> Files:
    return {name: partial((path / name).open, "rb") for name in KNOWN if (path / name).is_file()}


def in_tar(path: Path) -> Files:
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - pictures are read later
    except CAUSES:
        return {}  # another kind of file
    with naming(path):
        members = [member for member in archive if member.isfile()]
    found = ((Path(member.name).name, member) for member in members)
    return {name: partial(archive.extractfile, member) for name, member in found if name in KNOWN}


def binary_batches(file: BinaryIO, path: Path, layout: Layout) -> Iterator[tuple]:
    """Classes, [N], and pictures, uint8 [N, PICTURE]."""
    length = layout.before + PICTURE
    while data := file.read(BLOCK * length):
        if len(data) % length:
            raise EOFError("it ends in the middle of a picture")
        rows = np.frombuffer(data, np.uint8).reshape(-1, length)
        yield rows[:, layout.before - 1].astype(np.int64), rows[:, layout.before :]


def pickled_batches(file: BinaryIO, path: Path, layout: Layout) -> Iterator[tuple]:
    """Classes, [N], and pictures, uint8 [N, PICTURE]: everything at once."""
    from stylegan_tf.importing.pickled_arrays import array_of

    content = unpickled(file, path)
    pictures = array_of(content.get("data"))
    labels = integers(content.get(layout.labels))
    if pictures.dtype != np.uint8 or pictures.shape != (len(labels), PICTURE):
        raise ValueError(f"its data, {pictures.dtype} {pictures.shape}, are no pictures of CIFAR")
    yield labels, pictures


def class_names(file: BinaryIO, path: Path, layout: Layout) -> list[str]:
    if layout.before:
        return file.read(1 << 20).decode("utf-8").split()
    names = unpickled(file, path).get(layout.label_names)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"its {layout.label_names} are no names")
    return names


def unpickled(file: BinaryIO, path: Path) -> dict:
    from stylegan_tf.importing.pickles import parse

    data = file.read(LARGEST)
    content = parse(data, path.name, records=set())
    if not isinstance(content, dict):
        raise ValueError("it holds no dict")
    return content


def integers(values) -> np.ndarray:
    """A list of classes as int64 [N]."""
    if not isinstance(values, list) or not all(type(v) is int and v in range(256) for v in values):
        raise ValueError("its labels are no classes")
    return np.array(values, np.int64)
