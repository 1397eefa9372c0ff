"""Labels: from the source, the folders that images lie in, or a file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .attributes import is_attributes, read_attributes
from .errors import DatasetError, and_more

if TYPE_CHECKING:
    from .sources.source import Source

MAX_NUMBER = 3.4e38  # in a label: a float32
MAX_CLASSES = 1 << 16  # an image has a number for each


class LabelTable(Protocol):
    """What gives the label of an image: a dict does, or what reads it where it is stored."""

    def __getitem__(self, name: str, /) -> int | list[float]:
        """Returns the class of an image, or the numbers themselves."""


@dataclass(frozen=True)
class Labels:
    """The label of each image: a class by its index, or the numbers themselves.

    Attributes:
        size: numbers in a label; 0 if there are none.
        names: of the classes; empty if they have none.
        of: by the image's name, the class or the numbers: a dict, or what reads them.
    """

    size: int = 0
    names: list[str] = field(default_factory=list)
    of: LabelTable = field(default_factory=dict[str, int])

    def vector(self, name: str) -> list[float]:
        """Returns a label as numbers, [size]: one-hot for a class."""
        label = self.of[name]
        if isinstance(label, int):
            return [float(index == label) for index in range(self.size)]
        return label


def read_labels(labels: str | Path, source: "Source") -> Labels:
    """Returns the label of each image.

    Args:
        labels: "source" (those that the source itself has, if any), "none", "folders" (the class
            is the first folder of the name), or a JSON file `{name: class}`, where class is a
            string, an index, or a list of numbers; ADA's `{"labels": [[name, class], …]}` too; or
            CelebA's table of attributes, `list_attr_celeba.txt`.
        source: where the images come from, of `open_source`.

    Raises:
        DatasetError: if the file is not such a file, or an image has no label.
    """
    if labels == "source":
        return source.labels()
    if labels == "none":
        return Labels()
    if labels == "folders":
        return from_folders(source.names)
    return from_file(Path(labels), source.names)


def from_folders(names: list[str]) -> Labels:
    """Returns the first folder of each name as its class."""
    loose = [name for name in names if "/" not in name]
    if loose:
        raise DatasetError(
            f"--labels folders: {and_more(loose)} in no folder; move each image into one that "
            "is named as its class"
        )
    classes = {name: name.split("/")[0] for name in names}
    if len(set(classes.values())) == 1:
        raise DatasetError(
            f"--labels folders: all images are in {classes[names[0]]!r}, one class; "
            "give a source that has the class folders at its top"
        )
    return by_class(classes)


def class_folders(names: list[str]) -> list[str]:
    """Returns the folders that `from_folders` would make classes of; empty if it would refuse."""
    parts = [name.partition("/") for name in names]
    folders = {folder for folder, slash, _ in parts if slash}
    is_sorted = len(folders) > 1 and all(slash for _, slash, _ in parts)
    return sorted(folders) if is_sorted else []


def from_file(path: Path, names: list[str]) -> Labels:
    """Reads the labels of a JSON file or of CelebA's table."""
    if not path.is_file():
        raise DatasetError(
            f"--labels {path}: no such file; give source, none, folders, a JSON file or CelebA's "
            "list_attr_celeba.txt"
        )
    data = path.read_bytes()
    if is_attributes(data):
        attributes, of = read_attributes(path, data, names)
        return Labels(len(attributes), attributes, of)
    given = parsed(path, data)
    if not isinstance(given, dict):
        raise DatasetError(f'{path}: must be one JSON object, {{"relative/name.png": class, …}}')
    if given.keys() == {"labels"}:
        return published_labels(path, given, names)
    return from_mapping(path, given, names)


def published_labels(path: Path, given: dict[str, Any] | bytes, names: list[str]) -> Labels:
    """Reads labels as StyleGAN2-ADA's data sets have them: `{"labels": [[name, class], …]}`.

    Args:
        path: of the file, for the message of an error.
        given: what it holds; with null, or if it is other JSON, there are no labels.
        names: the images.
    """
    given = parsed(path, given) if isinstance(given, bytes) else given
    pairs = given.get("labels") if isinstance(given, dict) else None
    if pairs is None:
        return Labels()
    if not isinstance(pairs, list) or not all(is_pair(pair) for pair in pairs):
        raise DatasetError(f'{path}: "labels" must be null or a list of pairs, ["name.png", class]')
    return from_mapping(path, dict(pairs), names)


def is_pair(value: Any) -> bool:
    """Returns whether a value of a JSON file is a name and something else."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def from_mapping(path: Path, given: dict[str, Any], names: list[str]) -> Labels:
    """Returns the labels in a dict by name, which may have more names than these."""
    missing = [name for name in names if name not in given]
    if missing:
        raise DatasetError(f"{path}: no label for {and_more(missing)}")
    labels = {name: given[name] for name in names}
    kinds = {type(value) for value in labels.values()}
    if kinds == {str}:
        return by_class(labels)
    if kinds == {int} and 0 <= min(labels.values()) <= max(labels.values()) < MAX_CLASSES:
        return Labels(max(labels.values()) + 1, [], labels)
    if kinds == {list}:
        return by_vector(path, labels)
    raise DatasetError(
        f"{path}: labels must be all strings, all indices from 0 to {MAX_CLASSES - 1}, "
        "or all lists of numbers"
    )


def parsed(path: Path, data: bytes) -> Any:
    """Returns what a JSON file holds."""
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is not JSON: {error}") from None


def by_class(classes: dict[str, str]) -> Labels:
    """Returns labels by the name of each class, in alphabetical order."""
    names = sorted(set(classes.values()))
    index = {name: i for i, name in enumerate(names)}
    return Labels(len(names), names, {name: index[value] for name, value in classes.items()})


def by_vector(path: Path, vectors: dict[str, list[float]]) -> Labels:
    """Returns labels that are lists of numbers."""
    size = len(next(iter(vectors.values())))
    for name, vector in vectors.items():
        if not all(type(x) in (int, float) and abs(x) <= MAX_NUMBER for x in vector):
            raise DatasetError(f"{path}: the label of {name} is not a list of numbers")
        if len(vector) != size or not size:
            raise DatasetError(
                f"{path}: the label of {name} has {len(vector)} numbers; all need as many"
            )
    return Labels(size, [], {k: [float(x) for x in v] for k, v in vectors.items()})
