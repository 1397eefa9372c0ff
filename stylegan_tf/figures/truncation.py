"""The truncation trick (paper, figure 8)."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.sheet import sheet

PSI = (1.0, 0.7, 0.5, 0.0, -0.5, -1.0)
IMAGES = 3


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Draws seeds by ψ, which scales w about its mean in all layers, uint8 [H, W, 3].

    Raises:
        ValueError: if the network has no styles, and so no mean of them.
    """
    sampler.require("styles")
    seeds = range(seed, seed + IMAGES)
    w = np.repeat(sampler.sample_w(seeds).numpy(), len(PSI), axis=0)
    w = sampler.truncate(w, np.tile(PSI, IMAGES))
    images = list(sampler.images(w, np.repeat(seeds, len(PSI))))
    rows = [images[start : start + len(PSI)] for start in range(0, len(images), len(PSI))]
    return sheet(rows, [f"psi {psi:g}" for psi in PSI], list(map(sampler.caption, seeds)))
