"""Directions in w: ways of finding them, their file, and sheets that show what they do."""

from stylegan_tf.lazy import names_of

_NAMES = {
    "COMPONENTS": "components",
    "classified": "classifier",
    "factorized": "factorization",
    "in_layers": "components",
    "load": "file",
    "principal": "components",
    "sample_w": "samples",
    "save": "file",
}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
