"""Images as they come (paper, figure 2)."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.sheet import sheet

ROWS, COLUMNS = 4, 8


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Draws 32 images of seeds that follow each other, uint8 [H, W, 3]."""
    seeds = range(seed, seed + ROWS * COLUMNS)
    images = list(sampler.images(sampler.sample_styles(seeds), seeds))
    rows = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
    left = [caption(sampler, seeds[row : row + COLUMNS]) for row in range(0, len(seeds), COLUMNS)]
    return sheet(rows, left=left)


def caption(sampler: Sampler, seeds: range) -> str:
    """Returns what a row is called: its seeds, and before them what takes the places of some."""
    found = [sampler.caption(seed) for seed in seeds if seed in sampler.found]
    rest = [seed for seed in seeds if seed not in sampler.found]
    return ", ".join([*found, *([f"seeds {rest[0]} to {rest[-1]}"] if rest else [])])
