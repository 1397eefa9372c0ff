"""Settings by dotted key: `config.json` on disk, `--set` on the command line."""

import dataclasses
import difflib
import json
import math
import types
import typing
from pathlib import Path

from stylegan_tf.training.config import Config


def load(path: Path) -> Config:
    """Reads a `config.json`.

    Raises:
        ValueError: if it is not JSON, or a key or a value in it is wrong.
    """
    try:
        return replace(Config(), _flatten(json.loads(Path(path).read_text(encoding="utf-8"))))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def replace(config: Config, values: dict[str, object]) -> Config:
    """A copy of a configuration with other values, by dotted key ("schedule.stable_kimg").

    Raises:
        ValueError: naming the nearest known key, or the type that a value must have.
    """
    for key, value in values.items():
        config = _replace_one(config, key.split("."), value, key)
    return config


def parse_setting(text: str) -> tuple[str, object]:
    """ "key=value" of `--set` → key and value; the value is JSON, or else a string."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text}: write it as key=value")
    try:
        return key.strip(), json.loads(value)
    except json.JSONDecodeError:
        return key.strip(), value


def keys(config: object = None, prefix: str = "") -> list[str]:
    """Every dotted key that can be set."""
    found = []
    for entry in dataclasses.fields(config or Config()):
        value = getattr(config or Config(), entry.name)
        if dataclasses.is_dataclass(value):
            found += keys(value, f"{prefix}{entry.name}.")
        else:
            found.append(prefix + entry.name)
    return found


def _replace_one(node, path: list[str], value, key: str):
    head, *rest = path
    known = {entry.name: entry for entry in dataclasses.fields(node)}
    inner = getattr(node, head, None)
    if head not in known or bool(rest) != dataclasses.is_dataclass(inner):
        if head in known and isinstance(inner, dict) and len(rest) == 1:  # schedule.batch.64=32
            table, kind = key.rpartition(".")[0], typing.get_type_hints(type(node))[head]
            entry = _convert({rest[0]: value}, kind, table)
            return dataclasses.replace(node, **{head: {**inner, **entry}})
        near = difflib.get_close_matches(key, keys(), n=1, cutoff=0)
        raise ValueError(f"there is no setting {key!r}; the nearest is {near[0]!r}")
    if rest:
        value = _replace_one(inner, rest, value, key)
    else:
        value = _convert(value, typing.get_type_hints(type(node))[head], key)
        _check(value, known[head].metadata, key)
    return dataclasses.replace(node, **{head: value})


def _convert(value, wanted, key: str):
    """Checks a value against a field's type; whole numbers do for floats."""
    options = typing.get_args(wanted) if isinstance(wanted, types.UnionType) else (wanted,)
    for option in options:
        if typing.get_origin(option) is dict and isinstance(value, dict):
            return _table(value, *typing.get_args(option), key)
        if typing.get_origin(option) is list and isinstance(value, list):
            return [_convert(entry, *typing.get_args(option), key) for entry in value]
        if option in (int, float) and isinstance(value, bool):
            continue
        if option is float and isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
        if option is not float and isinstance(option, type) and isinstance(value, option):
            return value
    names = " or ".join(getattr(option, "__name__", str(option)) for option in options)
    raise ValueError(f"{key} is {value!r}; it must be {names.replace('NoneType', 'null')}")


def _check(value, limits, key: str) -> None:
    if value not in limits.get("choices", [value]):
        allowed = ", ".join(limits["choices"])
        raise ValueError(f"{key} is {value!r}; it can be one of {allowed}")
    if value is not None and "least" in limits and value < limits["least"]:
        raise ValueError(f"{key} is {value}; it must be at least {limits['least']:g}")
    if value is not None and "most" in limits and value > limits["most"]:
        raise ValueError(f"{key} is {value}; it must be at most {limits['most']:g}")


def _table(value: dict, names: type, kind: type, key: str) -> dict:
    """A table; where it is by resolution JSON's keys are strings, ours are ints."""
    if names is int and not all(str(size).isdecimal() for size in value):
        raise ValueError(f"{key} is {value!r}; it must map resolutions to numbers")
    return {names(name): _convert(entry, kind, f"{key}.{name}") for name, entry in value.items()}


def _flatten(tree: dict, prefix: str = "") -> dict[str, object]:
    if not isinstance(tree, dict):
        raise ValueError("it must hold a JSON object")
    flat = {}
    for name, value in tree.items():
        key = prefix + name
        if isinstance(value, dict) and key not in keys():
            flat.update(_flatten(value, f"{key}."))
        else:
            flat[key] = value
    return flat
