"""Classifiers of attributes, trained from the labels of a dataset."""

import lazy_loader

KIMG = 100  # thousands of images shown, by default

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "model": ["Classifiers", "load", "save"],
        "training": ["train"],
    },
)
