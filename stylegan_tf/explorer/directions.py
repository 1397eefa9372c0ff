"""Directions in w: a file of them, or the principal components of w."""

import zipfile
from pathlib import Path

import numpy as np

SAMPLES = 4096  # w that the principal components are taken of
COMPONENTS = 8


def load(path, num_layers: int, w_size: int) -> dict[str, np.ndarray]:
    """The directions of a file, by name.

    Args:
        path: an .npz of one array for each name, [w_size] or [num_layers, w_size]; or an .npy,
            [directions, w_size], whose rows are called direction 1, direction 2, …

    Returns:
        float32 arrays, [w_size] or [num_layers, w_size].

    Raises:
        ValueError: if it is no such file, or for a network of other sizes.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; directions are an .npz of name → [w_size] arrays")
    try:
        found = np.load(path, allow_pickle=False)
        arrays = found if isinstance(found, np.ndarray) else dict(found)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read as .npz or .npy: {error}") from error
    if isinstance(arrays, np.ndarray):
        rows = enumerate(np.atleast_2d(arrays), start=1)
        arrays = {f"direction {number}": row for number, row in rows}
    for name, array in arrays.items():
        check(f"{path}: {name}", array, num_layers, w_size)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def check(name: str, array: np.ndarray, num_layers: int, w_size: int) -> None:
    """Raises ValueError for anything but finite numbers of one of the two shapes."""
    allowed = [(w_size,), (num_layers, w_size)]
    if array.shape not in allowed:
        raise ValueError(
            f"{name} is {list(array.shape)}; for this network a direction is [{w_size}], or "
            f"[{num_layers}, {w_size}] with one for each layer"
        )
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise ValueError(f"{name} holds something else than finite numbers")


def principal(w: np.ndarray) -> dict[str, np.ndarray]:
    """The directions in which w varies most, each one standard deviation long.

    What they show differs from network to network (Härkönen et al. 2020, GANSpace).

    Args:
        w: samples, [N, w_size].

    Returns:
        [w_size] arrays, "component 1" first; fewer than 8 where w has fewer dimensions.
    """
    _, scales, rows = np.linalg.svd(w - w.mean(0), full_matrices=False)
    deviations = scales / np.sqrt(len(w) - 1)
    # SVD leaves the sign open: here the largest entry is positive.
    signs = np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(1)])
    vectors = rows * (signs * deviations)[:, None]
    return {
        f"component {number}": vector.astype(np.float32)
        for number, vector in enumerate(vectors[:COMPONENTS], start=1)
    }
