"""Where the reference vectors of StyleGAN2 are read from: a small file of ours, or the whole sets.

tests/data/stylegan2.npz, which tools/make_stylegan2_vectors.py made and describes, is always read.
The whole sets are a folder: `STYLEGAN_TF_REFERENCE2` names it, or it lies beside that of
`vectors.REFERENCE`.
"""

import functools
import os
from pathlib import Path

import numpy as np
import pytest

import vectors

BUNDLED = vectors.BUNDLED.with_name("stylegan2.npz")
WHOLE = Path(os.environ.get("STYLEGAN_TF_REFERENCE2") or vectors.REFERENCE.with_name("reference2"))


@functools.cache
def read(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name; skips the test where there is none."""
    with np.load(BUNDLED) as file:
        prefix = f"{name}/"
        found = {key: file[key] for key in file.files if key.startswith(prefix)}
    if found:
        return {key.removeprefix(prefix): array for key, array in found.items()}
    path = WHOLE / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{name} is in the whole reference vectors only: {WHOLE}")
    with np.load(path) as file:
        return {key: file[key] for key in file.files}
