"""A folder that appears whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import DatasetError


def refuse_existing(dest: Path) -> None:
    """Raises DatasetError if something is there already."""
    if dest.exists() or dest.is_symlink():
        raise DatasetError(f"{dest} exists: remove it, or give another name")


@contextmanager
def whole_or_nothing(dest: Path) -> Iterator[Path]:
    """A new folder beside `dest` that is renamed to it at the end, and removed on any error.

    Raises:
        DatasetError: if `dest` exists.
    """
    refuse_existing(dest)
    made = [parent for parent in dest.parents if not parent.exists()]  # nearest first
    dest.parent.mkdir(parents=True, exist_ok=True)
    temporary = dest.parent / f".{dest.name}.{os.getpid()}.tmp"
    try:
        temporary.mkdir()
        yield temporary
        temporary.rename(dest)
    except BaseException as error:  # Ctrl-C too
        shutil.rmtree(temporary, ignore_errors=True)
        for parent in made:
            parent.rmdir()
        if isinstance(error, OSError) and error.strerror and not error.filename:
            error.filename = str(dest)  # a full disk does not say which
        raise
