"""Classifiers of attributes, trained from the labels of a dataset."""

import lazy_loader

KIMG = 100  # thousands of pictures that are shown where nobody asks for another number

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "file": ["Classifiers", "load", "save"],
        "training": ["train"],
    },
)
