"""Where images come from: folders, zips, and the forms in which data sets are published.

A kind of source is a registered class, which recognises by `at(path)` what is of its kind.
"""

from pathlib import Path

from ..errors import DatasetError
from ..manifest import read_manifest
from . import cifar, files, idx, lmdb, tfrecords  # noqa: F401  they register
from .source import SOURCES, Source, register

__all__ = ["Source", "open_source", "register"]

# In the order in which they see a path. Any folder is a "folder", so that one comes last.
BUILT_IN = ("lmdb", "tfrecords", "idx", "cifar", "zip", "folder")
READ = "a folder or zip of PNG, JPEG or WebP, an IDX file, CIFAR, LMDB or NVIDIA's TFRecords"


def open_source(path: str | Path) -> Source:
    """Returns the source at a path, of the first kind that recognises it.

    Kinds that others registered come first, in the order of their registration.

    Args:
        path: a folder or file.

    Raises:
        DatasetError: if there is no such file or folder, it is of no known kind or damaged, or no
            image is in it.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist: give {READ}")
    source = recognised(path)
    if source is None:
        raise DatasetError(f"{path} is of no known kind, or damaged: give {READ}")
    if not source.names and is_dataset(path):
        advice = "to change it, stylegan-tf dataset extract its images first"
        raise DatasetError(f"{path} is a dataset already: train on it as it is; {advice}")
    if not source.names:
        raise DatasetError(f"{path} holds no images: give {READ}")
    return source


def recognised(path: Path) -> Source | None:
    """Returns the source of the first kind that recognises a path, or None."""
    registered = [name for name in SOURCES if name not in BUILT_IN]
    for name in (*registered, *BUILT_IN):
        if source := SOURCES.get(name).at(path):
            return source
    return None


def is_dataset(path: Path) -> bool:
    """Returns whether a folder is what `create` makes."""
    try:
        read_manifest(path)
    except DatasetError:
        return False
    return True
