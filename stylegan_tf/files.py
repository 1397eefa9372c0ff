"""Files that are whole or not there: written beside their place, then renamed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Gives a path to write to, of the same suffix, and renames it to `path` at the end.

    If writing fails, what was written is removed and `path` is as it was.
    """
    path = Path(path)
    partial = path.with_name(f".partial-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a text file as a whole."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")
