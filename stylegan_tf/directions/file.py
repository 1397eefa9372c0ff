"""The file of directions, which `stylegan-tf explore` makes sliders of."""

import os
import zipfile
from pathlib import Path

import numpy as np

from stylegan_tf.files import atomic_write


def save(directions: dict[str, np.ndarray], path: str | os.PathLike[str]) -> None:
    """Writes directions by name as an .npz that `load` takes."""
    # np.savez does the same, but for a direction called "file", which it takes as its argument.
    with atomic_write(Path(path)) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in directions.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.save(file, array)


def load(path: str | os.PathLike[str], num_layers: int, w_size: int) -> dict[str, np.ndarray]:
    """Loads the directions of a file, by name.

    Args:
        path: an .npz of one array for each name, [w_size] or [num_layers, w_size]; or an .npy,
            [directions, w_size], whose rows are called direction 1, direction 2, …
        num_layers: of the network's styles.
        w_size: of the network.

    Returns:
        float32 arrays, [w_size] or [num_layers, w_size].

    Raises:
        ValueError: if it is no such file, or for a network of other sizes.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; directions are an .npz of name → [w_size] arrays")
    try:
        content = np.load(path, allow_pickle=False)
        arrays = content if isinstance(content, np.ndarray) else dict(content)
    except Exception as error:  # the readers of zip and .npy raise nearly anything
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
