"""Checks the arguments of stored networks, one by one, against a table of those that are known."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from stylegan_tf.importing.arguments import MAX_SIZE, RESOLUTIONS
from stylegan_tf.models.sizes import CHANNELS
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown

NEEDED = object()  # the default of an argument that has none
ARCHITECTURES = ("orig", "skip", "resnet")
FILTER = [1, 3, 3, 1]


class Known(NamedTuple):
    """An argument of the published code.

    Attributes:
        name: ours.
        kind: what it can be, a key of `KINDS`.
        default: the value where a file does not say.
    """

    name: str
    kind: str
    default: Any = NEEDED


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= MAX_SIZE


KINDS: dict[str, Callable[[Any], bool]] = {
    "a size": lambda value: _is_whole(value, 1),
    "a size or None": lambda value: value is None or _is_whole(value, 1),
    "a whole number": lambda value: _is_whole(value, 0),
    "a power of two from 4 to 1024": lambda value: type(value) is int and value in RESOLUTIONS,
    "1, 3 or 4": lambda value: type(value) is int and value in CHANNELS,
    "a positive number": lambda value: _is_number(value) and 0 < value <= MAX_SIZE,
    "a positive number or None": lambda value: (
        value is None or (_is_number(value) and 0 < value <= MAX_SIZE)
    ),
    "orig, skip or resnet": lambda value: isinstance(value, str) and value in ARCHITECTURES,
}


def checked(
    stored: Iterable[tuple[str, Any]],
    known: dict[str, Known],
    fixed: dict[str, Any],
    elsewhere: set[str],
) -> dict[str, Any]:
    """Returns our arguments from those of a file.

    Args:
        stored: names and values; a name may come again with the same value.
        known: by their name.
        fixed: those of which one value is known here.
        elsewhere: those that do not concern what a network computes.

    Raises:
        UnsupportedCheckpointError: naming the argument that is unknown, has an impossible value,
            or is missing.
    """
    result: dict[str, Any] = {}
    for key, value in stored:
        if key in known:
            name, kind, _ = known[key]
            if not KINDS[kind](value):
                raise UnsupportedCheckpointError(f"{key} is {shown(value)}; it must be {kind}")
            if result.setdefault(name, value) != value:
                raise UnsupportedCheckpointError(
                    f"{key} is both {shown(result[name])} and {shown(value)}"
                )
        elif key in fixed:
            _check_fixed(key, value, fixed[key])
        elif key not in elsewhere:
            raise UnsupportedCheckpointError(
                f"it has the argument {shown(key)} = {shown(value)}, which is not known here"
            )
    for key, (name, _, default) in known.items():
        if result.setdefault(name, default) is NEEDED:
            raise UnsupportedCheckpointError(f"it does not say its {key}")
    return result


def _check_fixed(key: str, value: Any, only: Any) -> None:
    given = list(value) if isinstance(value, (list, tuple)) else value
    if given != only:
        raise UnsupportedCheckpointError(f"{key} is {shown(value)}; only {only!r} is known here")
