"""A folder that appears complete or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import DatasetError


def refuse_existing(dest: Path, allow_empty: bool = False) -> None:
    """Raises DatasetError if something is there already, unless that is allowed and empty."""
    if allow_empty and dest.is_dir() and not any(dest.iterdir()):
        return
    if dest.exists() or dest.is_symlink():
        raise DatasetError(f"{dest} exists: remove it, or give another name")


@contextmanager
def atomic_directory(dest: Path, allow_empty: bool = False) -> Iterator[Path]:
    """Gives a new folder beside `dest`, renamed to it at the end and removed on any error.

    Args:
        dest: the folder to make.
        allow_empty: replace an empty folder.

    Raises:
        DatasetError: if `dest` exists.
    """
    refuse_existing(dest, allow_empty)
    made = parents_to_make(dest)
    dest.parent.mkdir(parents=True, exist_ok=True)
    temporary = dest.parent / f".{dest.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp"
    try:
        temporary.mkdir()
        yield temporary
        if allow_empty and dest.is_dir():
            dest.rmdir()  # Windows renames to no folder that is there
        temporary.rename(dest)
    except BaseException as error:  # Ctrl-C too
        clear_away(temporary, made)
        name_file(error, dest)
        raise


def parents_to_make(dest: Path) -> list[Path]:
    """Returns the folders above `dest` that are not there yet, nearest first."""
    return [parent for parent in dest.parents if not parent.exists()]


def clear_away(folder: Path, made: list[Path]) -> None:
    """Removes a folder, and those above it that were made for it."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # something else may be there by now
        for parent in made:
            parent.rmdir()


def name_file(error: BaseException, dest: Path) -> None:
    """Makes an error of the system name the folder if it names nothing, as with a full disk."""
    if isinstance(error, OSError) and error.strerror and not error.filename:
        error.filename = str(dest)
