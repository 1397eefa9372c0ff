"""Features of images as arrays: what a metric accepts, and blocks of them in float64."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

BLOCK = 2048  # samples: with 4096 features each, 64 MB in float64


def features_of(name: str, given: ArrayLike, least: int = 1) -> np.ndarray:
    """Returns the features as they came, once they are known to be usable.

    Args:
        name: what a message calls them.
        given: [N, D], real numbers of any dtype.
        least: how many samples there must be.

    Raises:
        ValueError: for another shape, other things than numbers, too few samples, NaN, infinity.
    """
    array = np.asarray(given)
    if array.ndim != 2 or not array.shape[1] or array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: numbers [N, D] are expected, not {describe(array)}")
    if len(array) < least:
        raise ValueError(f"{name}: at least {least} samples are needed, not {len(array)}")
    return finite(name, array)


def same_width(names: str, a: np.ndarray, b: np.ndarray) -> None:
    """Raises ValueError unless the samples of both have as many features."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"{names}: one has {a.shape[1]} features a sample, one {b.shape[1]}")


def finite(name: str, array: np.ndarray) -> np.ndarray:
    """Returns the array, or raises ValueError if NaN or infinity is in it."""
    # Extremes carry NaN along, and need no second array of this size.
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        raise ValueError(f"{name}: NaN or infinity is among the numbers")
    return array


def describe(array: np.ndarray) -> str:
    """Returns dtype and shape, for messages."""
    return f"{array.dtype} {list(array.shape)}"


def blocks(array: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yields which samples, and these in float64, some thousands at a time."""
    for start in range(0, len(array), BLOCK):
        rows = slice(start, min(start + BLOCK, len(array)))
        yield rows, array[rows].astype(np.float64)
