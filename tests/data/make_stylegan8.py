"""Cuts the networks up to 8×8 out of stylegan32.npz: `python make_stylegan8.py REFERENCE`.

At a level of detail of 2 the published 32×32 networks are networks of 8×8, so that the numbers
stand unchanged; levels are renamed, lod 2 to lod 0 and so on.
"""

import re
import sys
from pathlib import Path

import numpy as np

LEFT_OUT = re.compile(r"(16x16|32x32)/|_lod[01]/|noise[4-7]$|/lod$")
KEPT = re.compile(r"[GD]/vars/|in/z$|out/w_nobroadcast$|out/(img|scores)/lod[23]/recursive/")


def rename(name: str) -> str:
    """Level of detail 2 is the full resolution here."""
    return re.sub(r"lod([23])", lambda match: f"lod{int(match[1]) - 2}", name)


def shrink(images: np.ndarray) -> np.ndarray:
    """[N, C, 32, 32] → [N, C, 8, 8], by means: undoes a nearest-neighbour enlargement."""
    n, c, _, _ = images.shape
    return images.reshape(n, c, 8, 4, 8, 4).mean(axis=(3, 5))


def main(reference: Path) -> None:
    """Writes stylegan8.npz beside this file."""
    source = np.load(reference / "stylegan32.npz")
    names = [name for name in source.files if KEPT.match(name) and not LEFT_OUT.search(name)]
    kept = {rename(name): source[name] for name in names}
    kept |= {name: shrink(kept[name]) for name in kept if name.startswith("out/img/")}
    kept["in/images8"] = shrink(source["in/images8"])
    np.savez_compressed(Path(__file__).with_name("stylegan8.npz"), **kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
