"""Pictures in, TFRecord shards on disk, tf.data out."""

from pathlib import Path

from .create import create
from .errors import DatasetError
from .reader import Dataset, reading
from .verify import verify

__all__ = ["Dataset", "DatasetError", "bundled", "create", "open", "reading", "verify"]


def open(path) -> Dataset:  # the name that users type: sg.datasets.open
    """Opens a dataset that `create` made.

    Raises:
        DatasetError: if it is no dataset, or a shard is missing or cut off.
    """
    return Dataset(path)


def bundled() -> Path:
    """Where the bundled pictures are: Noto Emoji at 64×64, the Unicode groups as labels."""
    return Path(__file__).parent / "emoji"
