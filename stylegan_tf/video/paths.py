"""Closed paths through keyframes: the end of each is where it began."""

import numpy as np

from stylegan_tf.metrics import slerp


def arc_loop(keys: np.ndarray, steps: int) -> np.ndarray:
    """Returns points on great arcs from each vector to the next, and from the last to the first.

    Args:
        keys: [K, D].
        steps: points from one key to the next; the first of them is the key.

    Returns:
        [K·steps, D], of the dtype of `keys`.
    """
    t = np.arange(steps)[:, None] / steps
    following = np.roll(keys, -1, axis=0)
    arcs = [arc(a, b, t) for a, b in zip(keys, following, strict=True)]
    return np.concatenate(arcs).astype(keys.dtype)


def arc(a: np.ndarray, b: np.ndarray, t: float | np.ndarray) -> np.ndarray:
    """Returns points on the great circle from `a` to `b`, with lengths in equal steps.

    Args:
        a: [..., D].
        b: [..., D].
        t: 0 for `a`, 1 for `b`; a number, or [..., 1].

    Returns:
        [..., D], float64.
    """
    length_a, length_b = (np.linalg.norm(one, axis=-1, keepdims=True) for one in (a, b))
    return slerp(a, b, t) * (length_a + t * (length_b - length_a))


def line_loop(keys: np.ndarray, steps: int) -> np.ndarray:
    """Returns points on straight lines from each vector to the next, as in `arc_loop`."""
    t = np.arange(steps)[:, None] / steps
    following = np.roll(keys, -1, axis=0)
    lines = [a + t * (b - a) for a, b in zip(keys, following, strict=True)]
    return np.concatenate(lines).astype(keys.dtype)


def spline_loop(keys: np.ndarray, steps: int) -> np.ndarray:
    """Returns points on a periodic cubic spline through the keys, smooth where it closes, too.

    Args:
        keys: [K, ...].
        steps: points from one key to the next; the first of them is the key.

    Returns:
        [K·steps, ...], of the dtype of `keys`.
    """
    from scipy.interpolate import CubicSpline  # of the extra `video`

    closed = np.concatenate([keys, keys[:1]])
    spline = CubicSpline(np.arange(len(closed)), closed, bc_type="periodic")
    return spline(np.arange(len(keys) * steps) / steps).astype(keys.dtype)
