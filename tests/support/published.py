"""Numbers that the published networks produced, and networks with the published weights.

`vectors.py` says where they come from. The arrays are NCHW and have the names of the published
code. Where only the small vectors are at hand, entries of large results are NaN: not known.
"""

import functools
import math
import re

import numpy as np

import stylegan_tf as sg
import vectors
from compare import assert_close
from stylegan_tf.importing import assign_discriminator, assign_generator

# Of an array's largest value: float32 against float64 is up to 5e-6. The small vectors have weights
# in steps of 2^-12 of their deviation, which shows by up to 7e-4, and those of rows of Table 1 in
# steps of 2^-9, which shows by up to 3.4e-3.
TOLERANCE = 2e-5 if vectors.IS_WHOLE else 1e-3
ROW_TOLERANCE = TOLERANCE if vectors.IS_WHOLE else 5e-3
SIZES = {"fmap_base": 512, "fmap_max": 64, "latent_size": 64, "w_size": 64, "mapping_units": 64}
DISCRIMINATOR_SIZES = {"fmap_base": 512, "fmap_max": 64}
LODS = (0, 0.5, 1, 1.3, 2, 3)

reference = vectors.file
# What the networks up to 8×8 do without, and what of the outputs goes with them.
NOT_IN_8 = re.compile(r"(16x16|32x32)/|_lod[01]/|noise[4-7]$|/lod$")
IN_8 = re.compile(r"[GD]/vars/|in/z$|out/w_nobroadcast$|out/(img|scores)/lod[23]/recursive/")


@functools.cache
def arrays(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name.

    `"stylegan8"` is what `"stylegan32"` holds up to 8×8: at a level of detail of 2 the published
    32×32 networks are networks of 8×8, so that the numbers stand unchanged. There lod 2 is lod 0.
    """
    return _networks_of_8(vectors.read("stylegan32")) if name == "stylegan8" else vectors.read(name)


def _networks_of_8(whole: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    result = {}
    for name, array in whole.items():
        if IN_8.match(name) and not NOT_IN_8.search(name):
            renamed = re.sub(r"lod([23])", lambda match: f"lod{int(match[1]) - 2}", name)
            result[renamed] = _shrunk(array) if name.startswith("out/img/") else array
    return {**result, "in/images8": _shrunk(whole["in/images8"])}


def _shrunk(images: np.ndarray) -> np.ndarray:
    """[N, C, 32, 32] → [N, C, 8, 8], by means: undoes an enlargement by repeated pixels."""
    return np.ascontiguousarray(nhwc(images, 8).transpose(0, 3, 1, 2))


def completed(published: np.ndarray, ours) -> np.ndarray:
    """A published array to compute with: our numbers are where it is not known."""
    return np.where(np.isnan(published), ours, published)


def variables(name: str, prefix: str) -> dict[str, np.ndarray]:
    """The variables of one network of a set, such as "G/vars/", without that prefix."""
    result = arrays(name).items()
    return {key[len(prefix) :]: value for key, value in result if key.startswith(prefix)}


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
    """Every number that is known is within `tolerance` of the array's largest value."""
    known = ~np.isnan(published)
    assert known.any()
    actual = np.asarray(actual)
    assert actual.shape == published.shape
    scale = np.abs(published[known]).max()
    assert_close(actual[known] / scale, published[known] / scale, tolerance, message)
