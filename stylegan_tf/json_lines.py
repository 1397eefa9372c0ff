"""Files of one JSON object a line, to which a run adds as it goes on.

The package jsonlines stops at a line that a full disk cut off; here a resumed run reads past it.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from stylegan_tf.files import write_text


def read(path: Path) -> list[dict[str, Any]]:
    """Returns all objects of a file, but for one that a full disk cut off; none without a file.

    Raises:
        ValueError: if there is something else in it.
    """
    if not Path(path).exists():
        return []
    lines = Path(path).read_bytes().splitlines()
    rows = (_object(line, f"{path}, line {number}") for number, line in enumerate(lines, 1))
    return [row for row in rows if row is not None]


def append(path: Path, row: dict[str, Any]) -> None:
    """Adds an object. Numbers that are not finite become null: JSON has no others.

    Processes may add to one file at a time: each line is written by a single call.
    """
    with Path(path).open("a+b", buffering=0) as file:
        file.write(_separator(file) + _line(row))


def rewrite(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Replaces all objects of a file."""
    write_text(path, b"".join(map(_line, rows)).decode())


def _line(row: dict[str, Any]) -> bytes:
    finite = {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
    return (json.dumps(finite) + "\n").encode()


def _separator(file: BinaryIO) -> bytes:
    """Returns the end of line that a line which was cut off lacks."""
    if not file.seek(0, 2):
        return b""
    file.seek(-1, 2)
    return b"" if file.read(1) == b"\n" else b"\n"


def _object(line: bytes, place: str) -> dict[str, Any] | None:
    """Returns the object of a line; None for the beginning of one, and for an empty line."""
    if not line:  # two processes at a time ended a line that was cut off
        return None
    try:
        row = json.loads(line)
    except ValueError:
        row = None if line.startswith(b"{") else line
    if isinstance(row, dict | None):
        return row
    raise ValueError(f"{place}, is no JSON object")
