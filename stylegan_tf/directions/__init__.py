"""Directions in w: ways of finding them, their file, and sheets that show what they do."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "components": ["COMPONENTS", "in_layers", "principal"],
        "classifier": ["classified"],
        "factorization": ["factorized"],
        "file": ["load", "save"],
        "samples": ["sample_w"],
    },
)
