"""The files of CIFAR-10 and CIFAR-100, in the binary and in the python version.

The latter are pickles, of which no code is run: see `stylegan_tf.unpickling.reader`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

SIDE = 32
PICTURE = 3 * SIDE * SIDE  # bytes: all red ones, then green, then blue
BLOCK = 1000  # binary: pictures that are read at a time
LARGEST = 1 << 28  # bytes of a part, and of a whole archive; the published ones have 186 million


class Layout(NamedTuple):
    """One of the four forms: its files, and where the labels are."""

    parts: list[str]  # those with the training pictures
    test: str  # the other one
    names: str  # the file of the names of the classes
    before: int = 0  # binary: bytes before a picture, the last of which is the class
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


def binary_batches(file: BinaryIO, path: Path, layout: Layout) -> Iterator[tuple]:
    """Classes, [N], and pictures, uint8 [N, PICTURE]."""
    length = layout.before + PICTURE
    left = LARGEST // length
    while data := file.read(BLOCK * length):
        if len(data) % length:
            raise EOFError("it ends in the middle of a picture")
        rows = np.frombuffer(data, np.uint8).reshape(-1, length)
        left -= len(rows)
        if left < 0:
            raise ValueError("it has more pictures than CIFAR")
        yield rows[:, layout.before - 1].astype(np.int64), rows[:, layout.before :]


def pickled_batches(file: BinaryIO, path: Path, layout: Layout) -> Iterator[tuple]:
    """Classes, [N], and pictures, uint8 [N, PICTURE]: everything at once."""
    from stylegan_tf.unpickling.arrays import array_of

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
    from stylegan_tf.unpickling.reader import parse

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
