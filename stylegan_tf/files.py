"""Files: written as a whole or not at all, and told apart by their SHA-256.

The package for the first, atomicwrites, is no longer maintained.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Gives a path to write to, of the same suffix, and renames it to `path` at the end.

    If writing fails, what was written is removed and `path` is as it was. Of processes that write
    one file at a time each has a path of its own; the last one to finish wins.
    """
    path = Path(path)
    partial = path.with_name(f".partial-{secrets.token_hex(4)}-{path.name}")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a text file as a whole, in UTF-8."""
    with atomic_write(path) as partial:
        partial.write_text(text, encoding="utf-8")


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
