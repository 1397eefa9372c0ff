"""Datasets: pictures in, TFRecord shards on disk, tf.data out.

    sg.datasets.create("photos/", "photos-64", resolution=64)
    ds = sg.datasets.open("photos-64")
    images = next(iter(ds.batches(batch_size=32)))          # uint8 [32, 64, 64, 3]

TensorFlow loads when shards are written or read, not when this package is imported.
"""

from .creation import create
from .dataset import Dataset, bundled, open, reading
from .errors import BadPictures, DatasetError
from .extraction import extract
from .input_shard import InputShard
from .verification import verify

__all__ = [
    "BadPictures",
    "Dataset",
    "DatasetError",
    "InputShard",
    "bundled",
    "create",
    "extract",
    "open",
    "reading",
    "verify",
]
