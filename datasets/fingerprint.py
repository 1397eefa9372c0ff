"""What tells whether a source is still what it was when a run was stopped."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from .labels import Labels


def digest_of(path: str | Path, names: list[str], label_of: Labels) -> str:
    """Returns a hash that changes with a source's files, and its images' names and labels.

    Files are not read: their lengths and times of change count.
    """
    digest = hashlib.sha256()
    for line in stamps(Path(path)):
        digest.update(line.encode("utf-8", "surrogateescape"))
    for name in names:
        label = label_of.of[name] if label_of.size else None
        digest.update(f"{name}\0{label}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def stamps(path: Path) -> Iterator[str]:
    """Yields name, length and time of change of every file of a source that is not hidden."""
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
    """Returns name, length and time of change of a file as a line."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:  # a link that leads nowhere
        return ""
    return f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n"
