"""Makes tests/data/augment.npz of the whole reference vectors of augmentations.

    python tools/make_augment_vectors.py path/to/reference2

It keeps the parameters of every case, and of some cases the first two images.
"""

import re
import sys
from pathlib import Path

import numpy as np

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "augment.npz"
# Whose images are kept, with the gradient by them.
WITH_IMAGES = ["bgc_p0.6", "bgcfnc_p0.8", "nonsquare_bgc_p0.9", "gray_bgc_p0.8"]
INPUTS = ["img", "img6", "img_gray", "dy", "dy6", "dy_gray"]
PARAMETERS = "G_inv|C|imgfilter_gains|imgfilter_taps|noise_sigma|cutout_mask|rnd/.*_(value|gate)"


def is_kept(name: str) -> bool:
    """Whether an array goes into the file."""
    if re.fullmatch(f"(pct/[^/]+/[\\d.]+|rand/[^/]+|p0/[^/]+)/({PARAMETERS})", name):
        return True
    case = name.split("/")[1]
    parts = ("out", "dx", "rnd/36_noise_pixels")
    if case in WITH_IMAGES:
        return any(name == f"rand/{case}/{part}" for part in parts)
    return name.removeprefix("in/") in INPUTS or name.startswith("const/Hz")


def main(folder: str) -> None:
    """Writes the file."""
    kept = {}
    with np.load(Path(folder) / "augment.npz") as arrays:
        for name in filter(is_kept, arrays.files):
            is_constant = name.startswith("const/")
            kept[name] = arrays[name] if is_constant else arrays[name][:2]
    kept = {k: v.astype(bool) if k.endswith("cutout_mask") else v for k, v in kept.items()}
    with np.load(Path(folder) / "ada_p.npz") as arrays:
        kept |= {f"ada_p/{name}": arrays[name] for name in arrays.files}
    np.savez_compressed(TARGET, **kept)
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
