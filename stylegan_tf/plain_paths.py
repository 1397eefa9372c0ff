"""Paths that TensorFlow reads as they are.

It takes the path of a checkpoint, and of a SavedModel's variables, for a pattern: `faces [32px]` is
a folder `faces 3`, `faces 2`, … to it. It can write there, and finds nothing when it reads.
"""

import functools
import os
import tempfile
from pathlib import Path

PATTERN = set("*?[\\")


def plain_path(folder: str | os.PathLike[str]) -> str:
    """Returns a path of a folder without characters of patterns: its own, or that of a link to it.

    Links are removed when the process ends.

    Args:
        folder: it must exist.
    """
    path = str(folder).replace(os.sep, "/")  # a backslash is for patterns, even on Windows
    return path if PATTERN.isdisjoint(path) else _link(str(Path(path).resolve()))


@functools.cache
def _links() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="stylegan-tf-")


@functools.cache
def _link(target: str) -> str:
    link = Path(tempfile.mkdtemp(dir=_links().name), "folder")
    link.symlink_to(target, target_is_directory=True)
    return str(link)
