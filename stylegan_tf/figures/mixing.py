"""Styles of source B copied into images of source A (paper, figure 3)."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.scales import scales, span
from stylegan_tf.figures.sheet import sheet

ROWS = {"coarse": 3, "middle": 2, "fine": 1}  # images of source A for each scale, as in the paper
COLUMNS = 5  # images of source B


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Sources A down the left edge, B along the top, and what they mix to, uint8 [H, W, 3].

    In a mixed image the styles of the named scale are B's, all others and the noise A's.

    Raises:
        ValueError: if the network has no styles.
    """
    sampler.require("styles")
    sides = sampler.generator.style_sides()
    parts = scales(sides)
    copied = [layers for name, layers in parts.items() for _ in range(ROWS[name])]  # one each row
    b = range(seed, seed + COLUMNS)
    a = range(b.stop, b.stop + len(copied))
    w_b, w_a = (
        sampler.sample_styles(b).numpy(),
        sampler.sample_styles(a).numpy(),
    )  # [columns or rows, L, w_size]
    mixed = np.concatenate([mix(one, w_b, layers) for one, layers in zip(w_a, copied, strict=True)])

    noise = [*b, *a, *np.repeat(a, COLUMNS)]
    images = list(sampler.images(np.concatenate([w_b, w_a, mixed]), noise))
    across, down, rest = images[: len(b)], images[len(b) :][: len(a)], images[len(b) + len(a) :]
    rows = [[None, *across]]
    rows += [[one, *rest[n * COLUMNS :][:COLUMNS]] for n, one in enumerate(down)]
    return sheet(
        rows,
        top=["", *(f"B, {sampler.caption(one)}" for one in b)],
        left=["", *(f"A, {sampler.caption(one)}" for one in a)],
        groups=[
            ("", 1),
            *((label(name, span(parts[name], sides)), ROWS[name]) for name in parts),
        ],
    )


def mix(a: np.ndarray, b: np.ndarray, layers: range) -> np.ndarray:
    """Returns the styles `a` [L, w_size] with some layers of each of `b` [N, L, w_size]."""
    taken = np.isin(np.arange(len(a)), layers)[:, None]
    return np.where(taken, b, a)


def label(name: str, resolutions: str) -> str:
    """Returns what a group of rows is called."""
    return f"{name} styles from B ({resolutions})"
