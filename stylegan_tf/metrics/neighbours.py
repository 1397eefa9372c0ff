"""Distances of all pairs of samples, a block at a time, so that memory does not grow with them."""

from collections.abc import Iterator

import numpy as np

from stylegan_tf.metrics.features import blocks

# Distances come from products, so those of equal samples are not quite 0. By so much, relative to
# squared lengths, a ball is widened: what lies on its surface stays inside.
ROUNDING = 1e-12


def pairs(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Which samples of [N, D], which of [M, D], and their squared distances, until all are done."""
    for rows, x in blocks(a):
        lengths = _squared_lengths(x)[:, None]
        for columns, y in blocks(b):
            squares = x @ y.T
            squares *= -2
            squares += lengths
            squares += _squared_lengths(y)
            yield rows, columns, np.maximum(squares, 0, out=squares)


def squared_radii(points: np.ndarray, k: int) -> np.ndarray:
    """The squared distance of each sample from its k-th nearest other one, [N] of [N, D]."""
    nearest = np.full((len(points), k), np.inf)
    for rows, columns, squares in pairs(points, points):
        if rows == columns:
            np.fill_diagonal(squares, np.inf)
        kept = min(k, squares.shape[1])
        squares.partition(kept - 1, axis=1)
        found = np.concatenate([nearest[rows], squares[:, :kept]], axis=1)
        found.partition(k - 1, axis=1)
        nearest[rows] = found[:, :k]
    squares = nearest.max(1)
    lengths = np.concatenate([_squared_lengths(x) for _, x in blocks(points)])
    return squares + ROUNDING * (squares + lengths)


def _squared_lengths(x: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", x, x)
