"""Labels: from the folders that pictures lie in, or from a JSON file."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path

from .errors import DatasetError, and_more


@dataclass(frozen=True)
class Labels:
    """The label of each picture: a class by its index, or the numbers themselves."""

    size: int = 0
    names: list[str] = field(default_factory=list)
    of: dict[str, int | list[float]] = field(default_factory=dict)

    def vector(self, name: str) -> list[float]:
        """One-hot for a class, the numbers of the file otherwise; [size]."""
        label = self.of[name]
        if isinstance(label, int):
            return [float(index == label) for index in range(self.size)]
        return label


def read_labels(labels: str | Path, names: list[str]) -> Labels:
    """Finds the label of each picture.

    Args:
        labels: "none", "folders" (the class is the first folder of the name), or a JSON file
            `{name: class}`, where class is a string, an index, or a list of numbers.
        names: the pictures, by their paths below the source.

    Raises:
        DatasetError: if the file is not such a file, or a picture has no label.
    """
    if labels == "none":
        return Labels()
    if labels == "folders":
        return from_folders(names)
    return from_file(Path(labels), names)


def from_folders(names: list[str]) -> Labels:
    loose = [name for name in names if "/" not in name]
    if loose:
        raise DatasetError(
            f"--labels folders: {and_more(loose)} in no folder; move each picture into one that "
            "is named as its class"
        )
    classes = {name: name.split("/")[0] for name in names}
    if len(set(classes.values())) == 1:
        raise DatasetError(
            f"--labels folders: all pictures are in {classes[names[0]]!r}, one class; "
            "give a source that has the class folders at its top"
        )
    return by_class(classes)


def from_file(path: Path, names: list[str]) -> Labels:
    given = read_mapping(path)
    missing = [name for name in names if name not in given]
    if missing:
        raise DatasetError(f"{path}: no label for {and_more(missing)}")
    wanted = {name: given[name] for name in names}
    kinds = {type(value) for value in wanted.values()}
    if kinds == {str}:
        return by_class(wanted)
    if kinds == {int} and min(wanted.values()) >= 0:
        return Labels(max(wanted.values()) + 1, [], wanted)
    if kinds == {list}:
        return by_vector(path, wanted)
    raise DatasetError(
        f"{path}: labels must be all strings, all indices from 0, or all lists of numbers"
    )


def read_mapping(path: Path) -> dict:
    if not path.is_file():
        raise DatasetError(f"--labels {path}: no such file; give none, folders or a JSON file")
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DatasetError(f"{path} is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise DatasetError(f'{path}: must be one JSON object, {{"relative/name.png": class, …}}')
    return given


def by_class(classes: dict[str, str]) -> Labels:
    names = sorted(set(classes.values()))
    index = {name: i for i, name in enumerate(names)}
    return Labels(len(names), names, {name: index[value] for name, value in classes.items()})


def by_vector(path: Path, vectors: dict[str, list]) -> Labels:
    size = len(next(iter(vectors.values())))
    for name, vector in vectors.items():
        if not all(type(x) in (int, float) and math.isfinite(x) for x in vector):
            raise DatasetError(f"{path}: the label of {name} is not a list of numbers")
        if len(vector) != size or not size:
            raise DatasetError(
                f"{path}: the label of {name} has {len(vector)} numbers; all need as many"
            )
    return Labels(size, [], {k: [float(x) for x in v] for k, v in vectors.items()})
