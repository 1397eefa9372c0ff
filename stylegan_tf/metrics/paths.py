"""Perceptual path length (Karras et al. 2018, section 4.1), but for the pictures."""

import numpy as np

from stylegan_tf.metrics.features import describe, finite

PERCENTILES = 1, 99  # what lies outside is dropped


def path_length(distances) -> float:
    """The mean of the distances that are not among the lowest or the highest hundredth.

    Bounds are samples: the one at or below the 1st percentile, the one at or above the 99th.

    Args:
        distances: of each path, over ε², [N]. N is 100,000 as published.

    Raises:
        ValueError: if they are not finite numbers, or none.
    """
    distances = np.asarray(distances)
    if distances.ndim != 1 or not distances.size or distances.dtype.kind not in "fiu":
        raise ValueError(f"distances: numbers [N] are expected, not {describe(distances)}")
    distances = finite("distances", distances).astype(np.float64)
    low = np.percentile(distances, PERCENTILES[0], method="lower")
    high = np.percentile(distances, PERCENTILES[1], method="higher")
    return float(distances[(distances >= low) & (distances <= high)].mean())


def slerp(a, b, t) -> np.ndarray:
    """The direction at `t` on the great circle from that of `a` to that of `b` (Shoemake 1985).

    Args:
        a, b: latents, [..., D]; their lengths do not matter.
        t: 0 for `a`, 1 for `b`; a number, or [..., 1].

    Returns:
        Latents of length 1, [..., D], float64: of float32, differences of 1e-4 would be too coarse.
    """
    a, b = (_direction(np.asarray(one, np.float64)) for one in (a, b))
    along = np.sum(a * b, axis=-1, keepdims=True)
    across = b - along * a
    # Better than the arc cosine, which loses half of the digits near 0.
    angle = np.arctan2(np.linalg.norm(across, axis=-1, keepdims=True), along)
    return np.cos(t * angle) * a + np.sin(t * angle) * _direction(across)


def _direction(x: np.ndarray) -> np.ndarray:
    """Of length 1; 0 stays 0."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(length > 0, length, 1.0)
