"""Closed paths through keyframes: the end of each is where it began."""

import numpy as np


def slerp_loop(keys: np.ndarray, steps: int) -> np.ndarray:
    """Great arcs from each vector to the next, and from the last to the first.

    Args:
        keys: [K, D].
        steps: points from one key to the next; the first of them is the key.

    Returns:
        [K·steps, D], of the dtype of `keys`.
    """
    t = np.arange(steps)[:, None] / steps
    following = np.roll(keys, -1, axis=0)
    arcs = [slerp(a, b, t) for a, b in zip(keys, following, strict=True)]
    return np.concatenate(arcs).astype(keys.dtype)


def slerp(a: np.ndarray, b: np.ndarray, t) -> np.ndarray:
    """Spherical interpolation (Shoemake 1985); lengths are interpolated linearly.

    Args:
        a, b: [..., D].
        t: 0 for `a`, 1 for `b`; a number, or [..., 1].

    Returns:
        [..., D], float64.
    """
    length_a, length_b = (np.linalg.norm(one, axis=-1, keepdims=True) for one in (a, b))
    unit_a, unit_b = a / np.maximum(length_a, 1e-30), b / np.maximum(length_b, 1e-30)
    dot = np.sum(unit_a * unit_b, axis=-1, keepdims=True)
    angle = np.arccos(np.clip(dot, -1.0, 1.0)).astype(np.float64)
    sine = np.sin(angle)
    straight = sine < 1e-6  # one direction, or opposite ones, between which no arc is the shortest
    sine = np.where(straight, 1.0, sine)
    part_a = np.where(straight, 1 - t, np.sin((1 - t) * angle) / sine)
    part_b = np.where(straight, t, np.sin(t * angle) / sine)
    return (part_a * unit_a + part_b * unit_b) * (length_a + t * (length_b - length_a))


def spline_loop(keys: np.ndarray, steps: int) -> np.ndarray:
    """A periodic cubic spline through the keys, smooth where it closes, too.

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
