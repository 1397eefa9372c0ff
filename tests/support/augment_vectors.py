"""What the published augmentations made of given random numbers.

`vectors.py` says where they come from.
"""

import re

import numpy as np
from scipy.special import erfinv

from stylegan_tf.augment.transforms import GROUPS, TRANSFORMS, Draws


def cases(arrays, part: str) -> list[str]:
    """The cases that have an array of a name."""
    return sorted(
        name.removesuffix(f"/{part}")
        for name in arrays
        if name.endswith(f"/{part}") and not name.startswith(("in/", "const/"))
    )


def draws(arrays, case: str) -> Draws:
    """The random numbers of a case."""
    if case.startswith("pct/"):
        _, name, percentile = case.split("/")
        return of_percentile(GROUPS.get(name, (name,)), float(percentile), 2)
    p = float(re.search(r"_p([\d.]+)$", case).group(1)) if case.startswith("rand/") else 0.0
    parts: dict[str, dict[str, list]] = {"value": {}, "gate": {}}
    for key in sorted(name for name in arrays if name.startswith(f"{case}/rnd/")):
        name, kind = re.fullmatch(r".*/\d+_(.*)_(\w+)", key).groups()
        if kind in parts:
            name = re.sub(r"_post$|(?<=imgfilter)\d", "", name)
            array = arrays[key]
            parts[kind].setdefault(name, []).append(array.reshape(len(array), -1))
    values, gates = ({n: np.concatenate(p, 1) for n, p in one.items()} for one in parts.values())
    return Draws(np.float32(p), values, gates)


def of_percentile(names, q: float, count: int) -> Draws:
    """All transforms at a percentile; the reference has normal ones without √2."""
    values, gates = {}, {}
    for name in names:
        kind = TRANSFORMS[name]
        value = erfinv(2 * q - 1) if kind.is_normal else q
        value = erfinv(q) if name == "noise" else value
        row = [value] * kind.values
        if name == "rotate":
            row = [q, 0.5]  # the second one is none
        values[name] = np.tile(np.float32(row), [count, 1])
        gates[name] = np.zeros([count, kind.gates], np.float32)
    return Draws(np.float32(1), values, gates)


def channels_last(images: np.ndarray) -> np.ndarray:
    """NCHW as NHWC."""
    return np.moveaxis(images, 1, -1)


def inputs(arrays, case: str) -> tuple[np.ndarray, np.ndarray]:
    """The images of a case and the cotangent of the result, NHWC."""
    shape = arrays[f"{case}/out"].shape
    (kind,) = (
        kind
        for kind in ("", "_sq", "6", "_gray")
        if f"in/img{kind}" in arrays and arrays[f"in/img{kind}"].shape == shape
    )
    return channels_last(arrays[f"in/img{kind}"]), channels_last(arrays[f"in/dy{kind}"])


class Pixels:
    """Random numbers of the noise: those of the reference."""

    def __init__(self, arrays, case: str):
        self.pixels = [a for n, a in arrays.items() if re.match(f"{case}/rnd/.*noise_pixels$", n)]

    def normal(self, shape):
        (pixels,) = self.pixels
        return channels_last(pixels)
