"""Takes the network objects of TensorFlow's pickles apart: names, arguments, variables."""

from typing import Any

import numpy as np

from stylegan_tf.unpickling.arrays import array_of, is_number
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown
from stylegan_tf.unpickling.reader import Record

PARTS = {"mapping", "synthesis"}


class StoredNetwork:
    """A network as it was stored.

    Args:
        record: of a `Network`.
        prefix: of the names of its parts, in the names of their variables.

    Attributes:
        version: of the layout.
        builder: name of the function that built it.
        arguments: its own, and below them those of its parts.
        variables: its own, and those of its parts by the name of the part: "synthesis/noise0".
    """

    def __init__(self, record: Record, prefix: str = ""):
        state = record.state
        self.version = version(record)
        self.builder = _of_kind(str, state.get("build_func_name"))
        self.arguments = _arguments(state)
        self.variables = _variables(state)
        for name, part in _of_kind(dict, state.get("components", {})).items():
            if name not in PARTS:
                raise UnsupportedCheckpointError(
                    f"it has a part {shown(name)}, which is not known here"
                )
            inner = _of_kind(Record, part).state
            self.arguments |= _arguments(inner)
            scope = f"{prefix}{name}/"
            self.variables |= {scope + key: value for key, value in _variables(inner).items()}

    @property
    def elements(self) -> int:
        """How many numbers are stored; one array can have several names."""
        return sum({id(array): array.size for array in self.variables.values()}.values())


def version(record: Record) -> int:
    """Returns the version of a network's layout, or refuses what is none."""
    stored: int = _of_kind(int, record.state.get("version"))
    return stored


def _arguments(state: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a network; a size may be a number of NumPy's."""
    stored = _of_kind(dict, state.get("static_kwargs", {}))
    return {name: array_of(v).item() if is_number(v) else v for name, v in stored.items()}


def _variables(state: dict[str, Any]) -> dict[str, np.ndarray]:
    pairs = _of_kind(list, state.get("variables", []))
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise UnsupportedCheckpointError("its variables are no pairs of a name and an array")
    return {_of_kind(str, name): array_of(value) for name, value in pairs}


def _of_kind(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise UnsupportedCheckpointError(
            f"it has a {type(value).__name__} where a {kind.__name__} belongs"
        )
    return value
