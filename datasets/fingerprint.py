"""Whether a source is still what it was."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from .labels import Labels


def digest_of(path: str | Path, names: list[str], label_of: Labels) -> str:
    """A hash that changes with the names and labels of a source's pictures, and with its files.

    Files are told apart by length and time of change, not read.
    """
    digest = hashlib.sha256()
    for line in stamps(Path(path)):
        digest.update(line.encode("utf-8", "surrogateescape"))
    for name in names:
        label = label_of.of[name] if label_of.size else None
        digest.update(f"{name}\0{label}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def stamps(path: Path) -> Iterator[str]:
    """Name, length and time of change of every file of a source that is not hidden."""
    if path.is_file():
        yield stamp(str(path), path.name)
        return
    for folder, below, files in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        yield f"{os.path.relpath(folder, path)}\n"
        for name in sorted(files):
            # LMDB changes its lock whenever it is read.
            if not name.startswith(".") and name != "lock.mdb":
                yield stamp(os.path.join(folder, name), name)  # noqa: PTH118  ten times as fast


def stamp(path: str, name: str) -> str:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:  # a link that leads nowhere
        return ""
    return f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n"
