"""Frozen dataclasses of settings: the bounds of their fields, and values by dotted key.

pydantic and OmegaConf check types, too, but name no nearest key for one that is misspelt, and take
a good part of the half second in which `--help` is to answer.
"""

import dataclasses
import importlib
import json
import math
import types
import typing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from typing import Any

from stylegan_tf.messages import did_you_mean


class SettingError(ValueError):
    """A value that a setting cannot have.

    Args:
        key: the dotted key of the setting.
        problem: the rest of the message, such as " is 0; it must be above 0".
    """

    def __init__(self, key: str, problem: str):
        super().__init__(key + problem)
        self.key = key
        self.problem = problem

    def named(self, names: dict[str, str]) -> str:
        """Returns the message with the setting called as somebody gave it.

        Args:
            names: by dotted key, such as {"loss.penalties": "--penalty"}. Where there is none of
                the key, it is that of the table that has it, or of an entry of the table.
        """
        path = self.key.split(".")
        for length in range(len(path), 0, -1):
            if name := names.get(".".join(path[:length])):
                separator = " " if name.startswith("-") else "."
                return separator.join([name, *path[length:]]) + self.problem
        entries = (name for key, name in names.items() if key.startswith(f"{self.key}."))
        return next(entries, self.key) + self.problem


@contextmanager
def about(key: str) -> Iterator[None]:
    """Turns a ValueError about the value of a setting into one that names its key."""
    try:
        yield
    except ValueError as error:
        raise SettingError(key, f": {error}") from error


def one_of(choices: tuple[str, ...]) -> Any:
    """Returns a field that takes one of a few values, the first by default."""
    return field(default=choices[0], metadata={"choices": choices})


def at_least(minimum: float, default: Any) -> Any:
    """Returns a field that takes numbers from `minimum` on, or a table of them."""
    return _field(default, minimum=minimum)


def above(limit: float, default: Any) -> Any:
    """Returns a field that takes numbers greater than `limit`, or a table of them."""
    return _field(default, above=limit)


def at_least_below(minimum: float, limit: float, default: Any) -> Any:
    """Returns a field that takes numbers from `minimum` on and less than `limit`."""
    return _field(default, minimum=minimum, below=limit)


def bounded_elsewhere(where: str, default: Any) -> Any:
    """Returns a field whose numbers have bounds that depend on other things.

    Args:
        where: what they are, and what checks them.
        default: the value if none is set.
    """
    return _field(default, bounded_elsewhere=where)


def between(minimum: float, maximum: float, default: Any) -> Any:
    """Returns a field that takes numbers of a range, its ends included."""
    return _field(default, minimum=minimum, maximum=maximum)


def registered(package: str, default: Any, **bounds: Any) -> Any:
    """Returns a field that takes a name of a registry, or a table by such names.

    Args:
        package: str, the one in `stylegan_tf` that has the registry, such as "penalties".
        default: a name, or a table.
        **bounds: `minimum` of the table's values.
    """
    return _field(default, registered=package, **bounds)


def _field(default: Any, **metadata: Any) -> Any:
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def replace_one(config: Any, key: str, value: Any) -> Any:
    """Returns a copy of a configuration with another value of one dotted key.

    Args:
        config: dataclass of settings and of dataclasses of settings.
        key: such as "schedule.stable_kimg", or "schedule.batch.64" for an entry of a table.
        value: of the type that the setting has; whole numbers do for floats.

    Raises:
        ValueError: naming the nearest known keys; a `SettingError` for a wrong value.
    """
    return _replace(config, key.split("."), value, key, config)


def check(config: Any, prefix: str = "") -> None:
    """Checks all values of a configuration against their bounds.

    Args:
        config: dataclass of settings.
        prefix: what its keys begin with, such as "schedule.".

    Raises:
        SettingError: naming the key, and what its value must be.
    """
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if dataclasses.is_dataclass(value):
            check(value, f"{prefix}{entry.name}.")
        else:
            _check(value, entry.metadata, prefix + entry.name)


def parse_setting(text: str) -> tuple[str, object]:
    """Returns key and value of a `--set` "key=value"; the value is JSON, or else a string.

    Raises:
        ValueError: if it has no "=".
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text}: write it as key=value")
    try:
        return key.strip(), json.loads(value)
    except json.JSONDecodeError:
        return key.strip(), value


def keys(config: Any, prefix: str = "") -> list[str]:
    """Returns every dotted key that can be set."""
    names = []
    for entry in dataclasses.fields(config):
        value = getattr(config, entry.name)
        if dataclasses.is_dataclass(value):
            names += keys(value, f"{prefix}{entry.name}.")
        else:
            names.append(prefix + entry.name)
    return names


def flatten(tree: dict[str, Any], known: list[str], prefix: str = "") -> dict[str, object]:
    """Returns the values of a tree of dictionaries by dotted key; `known` ones stay whole.

    Raises:
        ValueError: if it is no dictionary.
    """
    if not isinstance(tree, dict):
        raise ValueError("it must hold an object of keys and values")
    flat = {}
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in known:
            flat.update(flatten(value, known, f"{key}."))
        else:
            flat[key] = value
    return flat


def _replace(node: Any, path: list[str], value: Any, key: str, root: Any) -> Any:
    head, *rest = path
    fields = {entry.name: entry for entry in dataclasses.fields(node)}
    if head not in fields:
        raise _unknown(key, root)
    inner, kind = getattr(node, head), typing.get_type_hints(type(node))[head]
    if dataclasses.is_dataclass(inner):
        if not rest:
            raise _unknown(key, root)
        return dataclasses.replace(node, **{head: _replace(inner, rest, value, key, root)})
    if rest:
        converted = _with_entry(inner, rest, value, kind, key, root)
    else:
        converted = _convert(value, kind, key)
    _check(converted, fields[head].metadata, ".".join(key.split(".")[: -len(rest) or None]))
    return dataclasses.replace(node, **{head: converted})


def _with_entry(
    table: Any, path: list[str], value: Any, kind: Any, key: str, root: Any
) -> dict[str, Any]:
    """A table with another value at a path: schedule.batch.64 is the path 64 in the batches."""
    if typing.get_origin(kind) is not dict:
        raise _unknown(key, root)
    name, *rest = path
    _, inner = typing.get_args(kind)
    if rest:
        value = _with_entry(table.get(name, {}), rest, value, inner, key, root)
    return {**table, **_convert({name: value}, kind, key.rpartition(".")[0])}


def _unknown(key: str, root: Any) -> ValueError:
    return ValueError(f"there is no setting {key!r}{did_you_mean(key, keys(root))}")


def _convert(value: Any, kind: Any, key: str) -> Any:
    """Checks a value against a field's type; whole numbers do for floats."""
    if kind is object:
        return value
    options = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    for option in options:
        if typing.get_origin(option) is dict and isinstance(value, dict):
            names, inner = typing.get_args(option)
            return _table(value, names, inner, key)
        if typing.get_origin(option) is list and isinstance(value, (list, tuple)):
            (inner,) = typing.get_args(option)
            return [_convert(entry, inner, key) for entry in value]
        if option in (int, float) and isinstance(value, bool):
            continue
        if option is float and isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
        if option is not float and isinstance(option, type) and isinstance(value, option):
            return value
    allowed = " or ".join(getattr(option, "__name__", str(option)) for option in options)
    allowed = allowed.replace("NoneType", "null")
    raise SettingError(key, f" is {value!r}; it must be {allowed}")


def _table(value: dict[str, Any], names: type, kind: Any, key: str) -> dict[str, Any]:
    """A table; where it is by resolution JSON's keys are strings, ours are ints."""
    if names is int and not all(str(size).isdecimal() for size in value):
        raise SettingError(key, f" is {value!r}; it must map resolutions to numbers")
    return {names(name): _convert(entry, kind, f"{key}.{name}") for name, entry in value.items()}


def _check(value: Any, bounds: Any, key: str) -> None:
    if value not in bounds.get("choices", [value]):
        allowed = ", ".join(str(one) for one in bounds["choices"] if one is not None)
        raise SettingError(key, f" is {value!r}; it can be one of {allowed}")
    if "registered" in bounds:
        registry = importlib.import_module(f"stylegan_tf.{bounds['registered']}")
        for name in value if isinstance(value, dict) else [value]:
            with about(key):
                registry.get(name)
    numbers = value if isinstance(value, dict) else {"": value}
    for name, number in numbers.items():
        if number is not None:
            _check_number(number, bounds, f"{key}.{name}".removesuffix("."))


def _check_number(value: Any, bounds: Any, key: str) -> None:
    if "minimum" in bounds and value < bounds["minimum"]:
        raise SettingError(key, f" is {value}; it must be at least {bounds['minimum']:g}")
    if "above" in bounds and value <= bounds["above"]:
        raise SettingError(key, f" is {value}; it must be above {bounds['above']:g}")
    if "below" in bounds and value >= bounds["below"]:
        raise SettingError(key, f" is {value}; it must be below {bounds['below']:g}")
    if "maximum" in bounds and value > bounds["maximum"]:
        raise SettingError(key, f" is {value}; it must be at most {bounds['maximum']:g}")
