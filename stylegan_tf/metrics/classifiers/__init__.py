"""Classifiers of attributes, trained from the labels of a dataset."""

from stylegan_tf.lazy import names_of

KIMG = 100  # thousands of pictures that are shown where nobody asks for another number

_NAMES = {
    "Classifiers": "file",
    "load": "file",
    "save": "file",
    "train": "training",
}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
