"""Where published numbers are read from: the whole reference vectors, or the bundled small ones.

The whole set is two folders: `STYLEGAN_TF_REFERENCE` and `STYLEGAN_TF_REFERENCE2` (StyleGAN2 and
ADA) name them, or they lie beside the checkout in `../shared`. Elsewhere
`tests/data/published.zip` takes their place, which tools/make_test_vectors.py made of them. It
holds

- `plane0` to `plane2`: the lowest, middle and highest bytes of whole numbers 0, -1, 1, -2, 2 …
- `index.json`: `drawn`, the chains of each set that drawn.py draws again, and for each set the
  shape of every array, then
  - `"drawn"`, and how many of the first axis are kept, if not all,
  - `"mask"` and bits,
  - or where its numbers begin in the planes (`null` if they are all 0), and the exponent of the
    power of two that they are multiples of,
    - with `times` if pixels repeat so often (an image of a lower level of detail),
    - with `step` if only every so many entries are known, and `largest`, the one entry of the
      largest magnitude. **The others are NaN**; comparing skips these (`published.assert_matches`).
    - with `of` for a matrix of which is known what it makes of the four w of its network: it is
      the smallest one that makes the same of them.
  An average Gs has G's numbers in their place. A weight after training is a difference.
- `files.tar`: the files of the set; of the pickles without their arrays, and in the index where
  those belong.
"""

import functools
import io
import json
import math
import os
import re
import tarfile
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import drawn

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = Path(
    os.environ.get("STYLEGAN_TF_REFERENCE") or REPOSITORY.parent / "shared" / "reference"
)
REFERENCE2 = Path(os.environ.get("STYLEGAN_TF_REFERENCE2") or REFERENCE.with_name("reference2"))
BUNDLED = REPOSITORY / "tests" / "data" / "published.zip"
IS_WHOLE = REFERENCE.is_dir() and REFERENCE2.is_dir()
OF_W = {"of": "w"}  # in the index: a matrix of which is known what it makes of w


@functools.cache
def read(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name; skips the test where there is none."""
    path = whole(f"{name}.npz")
    if path or name not in _index():
        return _load(path or file(f"{name}.npz"))
    return bundled(name)


@functools.cache
def bundled(name: str) -> dict[str, np.ndarray]:
    """Those of the small vectors, everywhere."""
    return _unpacked(_index()[name], _index()["drawn"].get(name, []))


@functools.cache
def file(name: str) -> Path:
    """The path of a file or folder of the vectors; skips the test where there is none."""
    if path := whole(name):
        return path
    path = Path(_folder().name, name)
    with tarfile.open(fileobj=io.BytesIO(_files())) as archive:
        members = [one for one in archive if one.name == name or one.name.startswith(f"{name}/")]
        archive.extractall(_folder().name, members)
    if not members:
        pytest.skip(f"{name} is in the whole reference vectors only: {REFERENCE}, {REFERENCE2}")
    if name in _index():
        path.write_bytes(_filled(path.read_bytes(), **_index()[name]))
    return path


def whole(name: str) -> Path | None:
    """Where the whole vectors have a file."""
    paths = [folder / name for folder in (REFERENCE, REFERENCE2) if IS_WHOLE]
    return next((path for path in paths if path.exists()), None)


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
def _files() -> bytes:
    with zipfile.ZipFile(BUNDLED) as archive:
        return archive.read("files.tar")


@functools.cache
def _numbers() -> np.ndarray:
    with zipfile.ZipFile(BUNDLED) as archive:
        planes = [np.frombuffer(archive.read(f"plane{number}"), np.uint8) for number in range(3)]
    low, middle, high = (plane.astype(np.int32) for plane in planes)
    counted = low | middle << 8 | high << 16
    return counted >> 1 ^ -(counted & 1)


def _unpacked(entries: dict[str, list], chains: list) -> dict[str, np.ndarray]:
    shapes = {name: entry[0] for name, entry in entries.items() if entry[1] == "drawn"}
    again = drawn.arrays(chains, shapes)
    arrays = {}
    for name, entry in entries.items():
        if name in again:
            arrays[name] = again[name][: entry[2]] if len(entry) > 2 else again[name]
        else:
            arrays[name] = _array(*entry)
    for name, entry in entries.items():
        if entry[-1] == OF_W:
            w = arrays[f"{name.split('/')[0]}/w"][:, 0]
            arrays[name] = np.float32(np.linalg.pinv(w) @ arrays[name])
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
    shape, start, exponent, *rest = entry
    if start == "mask":
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(exponent), np.uint8))
        return bits[: math.prod(shape)].reshape(shape).astype(bool)
    if start is None:
        return np.zeros(shape, np.float32)
    options = rest[0] if rest else {}
    shape = [4, shape[1]] if options == OF_W else shape
    times = options.get("times", 1)
    count = math.prod(shape) // times**2
    if "step" in options:
        count = math.ceil(count / options["step"]) + ("largest" in options)
    known = np.float32(_numbers()[start : start + count] * 2.0**exponent)
    if "step" in options:
        result = np.full(np.prod(shape), np.nan, np.float32)
        places = np.append(np.arange(0, result.size, options["step"]), options.get("largest", 0))
        result[places[:-1]] = known[: len(places) - 1]
        if "largest" in options:
            result[places[-1]] = known[-1]
        return result.reshape(shape)
    small = [*shape[:-2], shape[-2] // times, shape[-1] // times] if times > 1 else shape
    array = known.reshape(small)
    return array.repeat(times, axis=-1).repeat(times, axis=-2) if times > 1 else array


def _filled(data: bytes, vectors: str, places: list) -> bytes:
    """A pickle with its arrays."""
    arrays, data = read(vectors), bytearray(data)
    for start, name in places:
        own = arrays[name].astype("<f4").tobytes()
        data[start : start + len(own)] = own
    return bytes(data)
