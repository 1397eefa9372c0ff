"""Where published numbers are read from: the whole reference vectors, or the bundled small ones.

The whole set is a folder: `STYLEGAN_TF_REFERENCE` names it, or it lies beside the checkout in
`../shared/reference`. Elsewhere `tests/data/published.zip` takes its place, which
tools/make_test_vectors.py made of it. It holds

- `planes`: float32 numbers without their last bits, first all their first bytes, then the second …
- `index.json`: for each set the shape of every array and where its numbers begin in the planes,
  - `null` if they are all 0,
  - with `times` if pixels repeat so often (an image of a lower level of detail),
  - with `step` if only every so many entries are known, and `largest`, the one entry of the largest
    magnitude. **The others are NaN**; comparing skips these (`published.assert_matches`).
  An average Gs has G's numbers in their place. A weight after training is a difference.
- the files of the set; of the pickles without their arrays, and in the index where those belong.
"""

import functools
import json
import os
import re
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = Path(
    os.environ.get("STYLEGAN_TF_REFERENCE") or REPOSITORY.parent / "shared" / "reference"
)
BUNDLED = REPOSITORY / "tests" / "data" / "published.zip"
IS_WHOLE = REFERENCE.is_dir()


@functools.cache
def read(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name."""
    if IS_WHOLE:
        return _load(REFERENCE / f"{name}.npz")
    if name in _index():
        return _unpacked(_index()[name])
    return _load(file(f"{name}.npz"))


@functools.cache
def file(name: str) -> Path:
    """The path of a file or folder of the vectors; skips the test where there is none."""
    if IS_WHOLE:
        return REFERENCE / name
    path = Path(_folder().name, name)
    with zipfile.ZipFile(BUNDLED) as archive:
        members = [one for one in archive.namelist() if one == name or one.startswith(f"{name}/")]
        archive.extractall(_folder().name, members)
    if not members:
        pytest.skip(f"{name} is in the whole reference vectors only: {REFERENCE}")
    if name in _index():
        path.write_bytes(_filled(path.read_bytes(), **_index()[name]))
    return path


@functools.cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="published-")


def _load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


@functools.cache
def _index() -> dict:
    with zipfile.ZipFile(BUNDLED) as archive:
        return json.loads(archive.read("index.json"))


@functools.cache
def _numbers() -> np.ndarray:
    with zipfile.ZipFile(BUNDLED) as archive:
        planes = np.frombuffer(archive.read("planes"), np.uint8)
    return planes.reshape(4, -1).T.copy().view("<f4").ravel()


def _unpacked(entries: dict[str, list]) -> dict[str, np.ndarray]:
    arrays = {name: _array(*entry) for name, entry in entries.items()}
    for name, array in arrays.items():
        if name.startswith("Gs/vars/"):
            other = arrays[name.replace("Gs/", "G/", 1)]
            arrays[name] = np.where(np.isnan(array), other, array)
    for name, moved in arrays.items():
        start = re.sub(r"^train/it\d/(\w+)/", r"\1/vars/", name)
        if start != name and start in arrays:
            arrays[name] = arrays[start] + moved
    return arrays


def _array(*entry) -> np.ndarray:
    """An array by its entry in the index."""
    if isinstance(entry[0], str):
        kind, shape, values = entry
        return np.array(values, kind).reshape(shape)
    shape, start, *rest = entry
    if start is None:
        return np.zeros(shape, np.float32)
    options = rest[0] if rest else {}
    known = _numbers()[start:]
    if "step" in options:
        whole = np.full(np.prod(shape), np.nan, np.float32)
        places = np.append(np.arange(0, whole.size, options["step"]), options.get("largest", 0))
        whole[places[:-1]] = known[: len(places) - 1]
        if "largest" in options:
            whole[places[-1]] = known[len(places) - 1]
        return whole.reshape(shape)
    times = options.get("times", 1)
    small = [*shape[:-2], shape[-2] // times, shape[-1] // times] if times > 1 else shape
    array = known[: int(np.prod(small))].reshape(small)
    return array.repeat(times, axis=-1).repeat(times, axis=-2) if times > 1 else array


def _filled(data: bytes, vectors: str, places: list) -> bytes:
    """A pickle with its arrays."""
    arrays, data = read(vectors), bytearray(data)
    for start, name in places:
        own = arrays[name].astype("<f4").tobytes()
        data[start : start + len(own)] = own
    return bytes(data)
