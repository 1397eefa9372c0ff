"""CelebA's table of attributes, `list_attr_celeba.txt`, as labels of a number an attribute.

Its first line tells how many images it is about, the second names the attributes; a line for each
image follows: its file name, and 1 or -1 for each attribute.

NumPy and pandas read such tables, too, but do not tell which line is wrong, or what belongs there.
"""

import re
from pathlib import Path, PurePosixPath

import numpy as np

from .errors import DatasetError, and_more

START = re.compile(rb"\s*\d+[ \t\r]*\n[^\n]*[A-Za-z]")  # a number alone in its line, then names
CELLS = {"1": 1, "-1": 0}


class ByRow:
    """The label of each image: 1 for what it has, 0 for what it has not."""

    def __init__(self, cells: np.ndarray, row_of: dict[str, int]):
        self._cells, self._row_of = cells, row_of

    def __getitem__(self, name: str) -> list[float]:
        return self._cells[self._row_of[name]].astype(float).tolist()


def is_attributes(data: bytes) -> bool:
    """Returns whether a file begins as such a table does."""
    return START.match(data) is not None


def read_attributes(path: Path, data: bytes, names: list[str]) -> tuple[list[str], ByRow]:
    """Reads what a table says of images, which may lie in folders that it does not name.

    Args:
        path: of the table, for the message of an error.
        data: what it holds.
        names: the images.

    Returns:
        The names of the attributes, and the label of each image.

    Raises:
        DatasetError: if it is no such table, or an image is not in it.
    """
    _, header, *lines = data.decode("utf-8", "replace").strip().split("\n")
    attributes = header.split()
    if len(set(attributes)) < len(attributes):
        raise DatasetError(f"{path}: two attributes have the same name")
    places = {line.split(None, 1)[0]: place for place, line in enumerate(lines) if line.strip()}
    listed = {name: name if name in places else PurePosixPath(name).name for name in names}
    missing = [name for name in names if listed[name] not in places]
    if missing:
        raise DatasetError(f"{path}: no label for {and_more(missing)}")
    cells = np.empty((len(names), len(attributes)), np.uint8)
    for row, name in enumerate(names):
        place = places[listed[name]]
        values = [CELLS.get(cell) for cell in lines[place].split()[1:]]
        if len(values) != len(attributes) or None in values:
            expected = f"{listed[name]} and 1 or -1 for each of {len(attributes)} attributes"
            raise DatasetError(f"{path}, line {place + 3}: {expected} belong there")
        cells[row] = np.array(values)
    return attributes, ByRow(cells, {name: row for row, name in enumerate(names)})
