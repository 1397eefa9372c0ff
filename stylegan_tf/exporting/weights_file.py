"""Files of named arrays that PyTorch's world reads: safetensors, or a pickled dict.

A safetensors file is so simple that the package for it is not needed: 8 bytes with the length of a
header, the header in JSON, and the numbers.
"""

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stylegan_tf import files

ALIGNMENT = 8  # of the numbers in a safetensors file


def write_weights(
    path: str | os.PathLike[str], arrays: dict[str, np.ndarray], licence: str = ""
) -> None:
    """Writes float32 arrays by name.

    Args:
        path: of a .safetensors file, or of a .pkl with a dict of NumPy arrays.
        arrays: float32 arrays.
        licence: terms that come with them, for the header of a .safetensors file.

    Raises:
        ValueError: if `path` ends otherwise.
    """
    write = writer(path)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with files.atomic_write(Path(path)) as partial:
        write(partial, arrays, licence)


def writer(path: str | os.PathLike[str]) -> Callable[[Path, dict[str, np.ndarray], str], None]:
    """Returns what writes a file of that name.

    Raises:
        ValueError: if its suffix is not known.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise ValueError(f"{path} must end in {' or '.join(WRITERS)}")
    return WRITERS[suffix]


def _write_safetensors(path: Path, arrays: dict[str, np.ndarray], licence: str) -> None:
    header: dict[str, dict] = {"__metadata__": {"format": "pt"}}
    if licence:
        header["__metadata__"]["licence"] = licence
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(np.asarray(array, "<f4").tobytes())


def _write_pickle(path: Path, arrays: dict[str, np.ndarray], licence: str) -> None:
    """Writes a plain dict: NVIDIA's own pickles hold its source text, which is not ours to give."""
    with path.open("wb") as file:
        pickle.dump(arrays, file, protocol=4)


WRITERS = {".safetensors": _write_safetensors, ".pkl": _write_pickle}
