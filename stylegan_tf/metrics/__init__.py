"""Distances between pictures."""

from stylegan_tf.lazy import names_of

_NAMES = {"LPIPS": "lpips", "load_lpips": "lpips", "WeightsMissing": "weights"}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
