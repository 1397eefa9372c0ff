"""Numbers that the published networks produced: where they are kept, and what they are called.

Whole sets lie beside the checkout, in `../shared/reference`; tests that need one are skipped
without. `tests/data` has the lower half of `stylegan32.npz` (up to 8×8), enough for a check of
every kind of layer. Either way the arrays are NCHW and have the names of the published code.
"""

import functools
import math
from pathlib import Path

import numpy as np
import pytest

import stylegan_tf as sg
from compare import assert_close
from stylegan_tf.importing import assign_discriminator, assign_generator

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY.parent / "shared" / "reference"
BUNDLED = REPOSITORY / "tests" / "data"

TOLERANCE = 2e-5  # of an array's largest value; float32 against float64 is up to 5e-6
SIZES = {"fmap_base": 512, "fmap_max": 64, "latent_size": 64, "w_size": 64, "mapping_units": 64}
DISCRIMINATOR_SIZES = {"fmap_base": 512, "fmap_max": 64}
LODS = (0, 0.5, 1, 1.3, 2, 3)


def reference(name: str) -> Path:
    """The path of a reference file; skips the test where there is none."""
    path = REFERENCE / name
    if not path.exists():
        pytest.skip(f"{path} is missing")
    return path


@functools.cache
def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def arrays(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name, bundled or beside the checkout."""
    bundled = BUNDLED / f"{name}.npz"
    return _arrays(bundled if bundled.exists() else reference(f"{name}.npz"))


def variables(name: str, prefix: str) -> dict[str, np.ndarray]:
    """The variables of one network of a set, such as "G/vars/", without that prefix."""
    found = arrays(name).items()
    return {key[len(prefix) :]: value for key, value in found if key.startswith(prefix)}


@functools.cache
def generator(name: str, prefix="G/vars/", fused=0, resolution=32, **arguments) -> sg.Generator:
    """A generator with published weights; `fused`: as stored by fused layers, 0 or 1."""
    network = sg.Generator(resolution=resolution, **{**SIZES, **arguments})
    assign_generator(network, variables(name, prefix), fused_from=4 if fused else None)
    return network


@functools.cache
def discriminator(name: str, resolution=32, **arguments) -> sg.Discriminator:
    """A discriminator with published weights."""
    network = sg.Discriminator(resolution=resolution, **{**DISCRIMINATOR_SIZES, **arguments})
    assign_discriminator(network, variables(name, "D/vars/"))
    return network


def resolution_and_fade(lod: float, full=32) -> dict:
    """What we call a published level of detail."""
    whole = math.floor(lod)
    return {"resolution": full >> whole, "fade": 1 - (lod - whole)}


def nhwc(images, resolution: int) -> np.ndarray:
    """Published images [N, C, R, R] → [N, r, r, C], by 2×2 means."""
    n, c, size, _ = images.shape
    step = size // resolution
    cells = images.reshape(n, c, resolution, step, resolution, step)
    return cells.mean(axis=(3, 5)).transpose(0, 2, 3, 1)


def nchw(images, full=32) -> np.ndarray:
    """Our images [N, r, r, C] → [N, C, R, R], by repeating pixels."""
    images = np.asarray(images)
    step = full // images.shape[1]
    return images.repeat(step, axis=1).repeat(step, axis=2).transpose(0, 3, 1, 2)


def assert_matches(actual, published, tolerance=TOLERANCE, message=""):
    """Every number is within `tolerance` of the array's largest value."""
    scale = np.abs(published).max()
    assert_close(np.asarray(actual) / scale, published / scale, tolerance, message)
