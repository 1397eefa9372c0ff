"""Labels of pictures by their names."""

import json
from collections.abc import Callable
from pathlib import Path

from .errors import DatasetError


class Labels:
    """One vector for each picture.

    Args:
        names: of all pictures.
        how: `"none"`, `"folders"` (a class for each folder at the top) or the path of a JSON file
            that maps names to classes (text or whole numbers) or vectors.

    Attributes:
        class_names: of the classes, sorted; empty for numbers and vectors.
        size: numbers in a label; 0 for none.

    Raises:
        DatasetError: if a picture has no label, or labels do not fit together.
    """

    def __init__(self, names: list[str], how: str):
        classes = self._classes(names, how)
        kinds = {type(value) for value in classes.values()}
        if len(kinds) > 1:
            raise DatasetError(f"--labels {how}: classes and vectors are mixed")
        self.class_names: list[str] = []
        self.size = 0
        self.of: Callable[[str], list[float]] = lambda name: []
        if kinds == {list}:
            self._use_vectors(classes, how)
        elif kinds:
            self._use_classes(classes)

    @staticmethod
    def _classes(names: list[str], how: str) -> dict:
        if how == "none":
            return {}
        if how == "folders":
            loose = [name for name in names if "/" not in name]
            if loose:
                raise DatasetError(f"--labels folders: {loose[0]} is not in a folder")
            return {name: name.split("/")[0] for name in names}
        try:
            table = json.loads(Path(how).read_text(encoding="utf-8"))
            missing = [name for name in names if name not in table]
            found = {name: table[name] for name in names if name in table}
        except (OSError, ValueError, TypeError) as error:
            raise DatasetError(
                f"--labels {how}: it must be none, folders or JSON ({error})"
            ) from None
        if missing:
            raise DatasetError(f"--labels {how} has no label for {missing[0]}")
        return found

    def _use_vectors(self, vectors: dict, how: str) -> None:
        sizes = {len(vector) for vector in vectors.values()}
        if len(sizes) > 1:
            raise DatasetError(f"--labels {how}: vectors have {sorted(sizes)} numbers")
        self.size = sizes.pop()
        self.of = lambda name: [float(number) for number in vectors[name]]

    def _use_classes(self, classes: dict) -> None:
        values = sorted(set(classes.values()))
        if isinstance(values[0], int):
            self.size = values[-1] + 1
            place = {value: value for value in values}
        else:
            self.class_names = values
            self.size = len(values)
            place = {value: index for index, value in enumerate(values)}

        def one_hot(name: str) -> list[float]:
            hot = place[classes[name]]
            return [1.0 if index == hot else 0.0 for index in range(self.size)]

        self.of = one_hot
