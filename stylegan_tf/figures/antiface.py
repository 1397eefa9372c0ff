"""The mean image, and images with their opposites (paper, section 4 and figure 8)."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.sheet import sheet

IMAGES = 6


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Draws the image of the mean w, seeds, and below them w reflected about the mean.

    Nothing is truncated; the mean has the noise of the first seed.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: if the network has no styles, and so no mean of them.
    """
    sampler.require("styles")
    seeds = range(seed, seed + IMAGES)
    w = sampler.sample_w(seeds).numpy()
    scaled = sampler.truncate(
        np.concatenate([w[:1], w, w]), [0.0] + [1.0] * IMAGES + [-1.0] * IMAGES
    )
    mean, *images = sampler.images(scaled, [seed, *seeds, *seeds])
    rows: list[list[np.ndarray | None]] = [[mean, *images[:IMAGES]], [None, *images[IMAGES:]]]
    return sheet(rows, ["mean", *(sampler.caption(one) for one in seeds)], ["images", "antifaces"])
