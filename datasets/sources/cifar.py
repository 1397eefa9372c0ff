"""CIFAR-10 and CIFAR-100 as published, compressed or not: their training images, or one part.

Each comes in a binary version and in a python version, which consists of pickles. No code of these
is run: see `stylegan_tf.unpickling.reader`. https://www.cs.toronto.edu/~kriz/cifar.html
"""

import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from ..errors import DatasetError
from ..labels import Labels
from .arrays import Arrays, Records, classes
from .reading import decompressed, is_tar, naming, on_disk
from .source import register

SIDE = 32
IMAGE_BYTES = 3 * SIDE * SIDE  # all red ones, then green, then blue
BLOCK = 1000  # binary: images that are read at a time
MAX_BYTES = 1 << 28  # of a part, and of a whole archive; the published ones have 186 million

Files = dict[str, Callable[[], IO[bytes]]]  # by name, what opens a file


class Layout(NamedTuple):
    """One of the four forms: its files, and where the labels are."""

    parts: list[str]  # those with the training images
    test: str  # the other one
    names: str  # the file of the names of the classes
    before: int = 0  # binary: bytes before an image, the last of which is the class
    labels: str = ""  # python: key of the classes
    label_names: str = ""  # python: key of their names


LAYOUTS = [
    Layout(
        [f"data_batch_{n}.bin" for n in range(1, 6)],
        test="test_batch.bin",
        names="batches.meta.txt",
        before=1,
    ),
    Layout(["train.bin"], test="test.bin", names="fine_label_names.txt", before=2),
    Layout(
        [f"data_batch_{n}" for n in range(1, 6)],
        test="test_batch",
        names="batches.meta",
        labels="labels",
        label_names="label_names",
    ),
    Layout(
        ["train"],
        test="test",
        names="meta",
        labels="fine_labels",
        label_names="fine_label_names",
    ),
]
KNOWN = {name for layout in LAYOUTS for name in (*layout.parts, layout.test, layout.names)}


@register("cifar")
class Cifar(Arrays):
    """Images, 32×32 in RGB, with their classes (of CIFAR-100 the fine ones).

    Args:
        path: the folder, the archive, or the file of one part.
        place: the folder or archive.
        files: what is there.
        layout: which of them hold images, and how.
    """

    def __init__(self, path: Path, place: Path, files: Files, layout: Layout):
        read = binary_batches if layout.before else pickled_batches
        pixels, labels = tempfile.TemporaryFile(), []  # noqa: SIM115 - images are read later
        for part in layout.parts:
            if part not in files:
                raise DatasetError(f"{place} is not whole: {part} is missing")
            with naming(place / part), files[part]() as file:
                for batch_labels, images in read(file, place / part, layout):
                    labels.append(batch_labels)
                    pixels.write(images.tobytes())
        pixels.flush()
        if not sum(map(len, labels)):
            raise DatasetError(f"{path} holds no images")
        self._classes = np.concatenate(labels)
        super().__init__(path, len(self._classes), SIDE, SIDE, 3)
        self._records = Records(pixels, IMAGE_BYTES)
        with naming(place / layout.names), files[layout.names]() as file:
            self._names = class_names(file, place / layout.names, layout)
            if self._classes.max() >= len(self._names):
                raise ValueError(f"it names {len(self._names)} classes, the images have more")

    @classmethod
    def at(cls, path: Path) -> "Cifar | None":
        """Returns the images of a folder, an archive or one part, by the names of the files."""
        if path.name in KNOWN and path.is_file():
            return part_at(path)
        files = in_folder(path) if path.is_dir() else in_tar(path)
        for layout in LAYOUTS:
            if layout.names in files and not files.keys().isdisjoint(layout.parts):
                return cls(path, path, files, layout)
        return None

    def array(self, index: int) -> np.ndarray:
        """Returns an image, uint8 [32, 32, 3]."""
        return self._records[index].reshape(3, SIDE, SIDE).transpose(1, 2, 0)

    def labels(self) -> Labels:
        """Returns the classes with their names."""
        return classes(self._classes, self._names)


def part_at(path: Path) -> Cifar | None:
    """Returns a file of images as a source, if the names of its classes lie beside it."""
    files = in_folder(path.parent)
    for layout in LAYOUTS:
        if path.name in (*layout.parts, layout.test) and layout.names in files:
            return Cifar(path, path.parent, files, layout._replace(parts=[path.name]))
    return None


def in_folder(path: Path) -> Files:
    """Returns what opens each file of CIFAR in a folder."""
    return {name: partial(opened, path / name) for name in KNOWN if (path / name).is_file()}


def opened(path: Path) -> IO[bytes]:
    """Opens a file of a folder."""
    return path.open("rb")


def extracted(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    """Opens a file of a tar."""
    file = archive.extractfile(member)
    if file is None:
        raise ValueError("it is no file")
    return file


def in_tar(path: Path) -> Files:
    """Returns what opens each file of CIFAR in a tar; nothing if it is no tar, or too large."""
    if not is_tar(path):
        return {}
    with naming(path):
        file = on_disk(decompressed(path), MAX_BYTES)
        if os.fstat(file.fileno()).st_size >= MAX_BYTES:
            return {}
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 - parts are read later
        members = {Path(member.name).name: member for member in archive if member.isfile()}
    return {
        name: partial(extracted, archive, member)
        for name, member in members.items()
        if name in KNOWN
    }


def binary_batches(file: IO[bytes], path: Path, layout: Layout) -> Iterator[tuple[Any, ...]]:
    """Yields classes, [N], and images, uint8 [N, IMAGE_BYTES]."""
    length = layout.before + IMAGE_BYTES
    left = MAX_BYTES // length
    while data := file.read(BLOCK * length):
        if len(data) % length:
            raise EOFError("it ends in the middle of an image")
        rows = np.frombuffer(data, np.uint8).reshape(-1, length)
        left -= len(rows)
        if left < 0:
            raise ValueError("it has more images than CIFAR")
        yield rows[:, layout.before - 1].astype(np.int64), rows[:, layout.before :]


def pickled_batches(file: IO[bytes], path: Path, layout: Layout) -> Iterator[tuple[Any, ...]]:
    """Yields classes, [N], and images, uint8 [N, IMAGE_BYTES]: everything at once."""
    from stylegan_tf.unpickling.arrays import array_of

    content = unpickled(file, path)
    images = array_of(content.get("data"))
    labels = integers(content.get(layout.labels))
    if images.dtype != np.uint8 or images.shape != (len(labels), IMAGE_BYTES):
        raise ValueError(f"its data, {images.dtype} {images.shape}, are no images of CIFAR")
    yield labels, images


def class_names(file: IO[bytes], path: Path, layout: Layout) -> list[str]:
    """Reads the names of the classes."""
    if layout.before:
        return file.read(1 << 20).decode("utf-8").split()
    names = unpickled(file, path).get(layout.label_names)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"its {layout.label_names} are no names")
    return names


def unpickled(file: IO[bytes], path: Path) -> dict[str, Any]:
    """Reads a pickle of a dict."""
    from stylegan_tf.unpickling.reader import parse

    data = file.read(MAX_BYTES)
    content = parse(data, path.name, records=set())
    if not isinstance(content, dict):
        raise ValueError("it holds no dict")
    return content


def integers(values: object) -> np.ndarray:
    """Returns a list of classes as int64 [N]."""
    if not isinstance(values, list) or not all(type(v) is int and v in range(256) for v in values):
        raise ValueError("its labels are no classes")
    return np.array(values, np.int64)
