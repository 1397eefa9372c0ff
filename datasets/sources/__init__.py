"""Where pictures come from: folders, zips, and the forms in which data sets are published.

A kind of source is recognised by its content: each module has a function `source_at(path)` that
gives a `Source`, or None if it is none of its kind.
"""

from pathlib import Path

from ..errors import DatasetError
from ..manifest import read_manifest
from . import cifar, files, idx, lmdb, tfrecords
from .source import Source

__all__ = ["Source", "open_source"]

KINDS = (lmdb, tfrecords, idx, cifar, files)  # any folder is one of files, so they come last
READ = "a folder or zip of PNG, JPEG or WebP, an IDX file, CIFAR, LMDB or NVIDIA's TFRecords"


def open_source(path: str | Path) -> Source:
    """Lists a source.

    Raises:
        DatasetError: if there is no such file or folder, it is of no known kind or damaged, or no
            picture is in it.
    """
    path = Path(path)
    if not path.exists():
        raise DatasetError(f"{path} does not exist: give {READ}")
    source = next((found for kind in KINDS if (found := kind.source_at(path))), None)
    if source is None:
        raise DatasetError(f"{path} is of no known kind, or damaged: give {READ}")
    if not source.names and is_dataset(path):
        advice = "to change it, stylegan-tf dataset extract its pictures first"
        raise DatasetError(f"{path} is a dataset already: train on it as it is; {advice}")
    if not source.names:
        raise DatasetError(f"{path} holds no pictures: give {READ}")
    return source


def is_dataset(path: Path) -> bool:
    """Whether a folder is what `create` makes."""
    try:
        read_manifest(path)
    except DatasetError:
        return False
    return True
