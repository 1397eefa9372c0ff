"""Sheets that show what a direction does."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.sheet import sheet

STEPS = range(-3, 4)


def draw(sampler: Sampler, direction: np.ndarray, seeds: list[int]) -> np.ndarray:
    """Draws seeds by steps of -3 to 3 along a direction, uint8 [H, W, 3].

    Args:
        sampler: whose truncation is applied before the step, so that the middle column shows the
            images of `stylegan-tf generate`.
        direction: [w_size] or [L, w_size]; its length is a step.
        seeds: of the rows, and of the noise in each.
    """
    step = np.broadcast_to(direction, (sampler.generator.num_ws, direction.shape[-1]))
    step = step[: sampler.num_ws]
    w = sampler.sample_styles(seeds).numpy()[:, None]  # [seeds, 1, layers, w_size]
    moved = np.concatenate([w + number * step for number in STEPS], axis=1)
    count = len(STEPS)
    images = list(sampler.images(moved.reshape(-1, *step.shape), np.repeat(seeds, count)))
    rows = [images[start : start + count] for start in range(0, len(images), count)]
    above = [f"{number:+d}" if number else "0" for number in STEPS]
    return sheet(rows, above, list(map(sampler.caption, seeds)))
