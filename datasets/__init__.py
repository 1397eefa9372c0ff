"""Datasets: images in, TFRecord shards on disk, tf.data out.

    sg.datasets.create("photos/", "photos-64", resolution=64)
    ds = sg.datasets.open("photos-64")
    images = next(iter(ds.batches(batch_size=32)))          # uint8 [32, 64, 64, 3]

Names load on first use. TensorFlow loads when shards are written or read.
"""

import lazy_loader

from ..deprecation import deprecated_attributes

_getattr, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "creation": ["create"],
        "dataset": ["Dataset", "bundled", "open", "reading"],
        "errors": ["BadImages", "DatasetError"],
        "extraction": ["extract"],
        "input_shard": ["InputShard"],
        "labels": ["Labels"],
        "sources": ["Source", "register"],
        "verification": ["verify"],
    },
)
__getattr__ = deprecated_attributes(
    __name__,
    {
        "BadPictures": "stylegan_tf.datasets:BadImages",
        "Share": "stylegan_tf.datasets:InputShard",
    },
    otherwise=_getattr,
)
