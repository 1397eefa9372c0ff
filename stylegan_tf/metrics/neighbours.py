"""Distances of all pairs of samples, a block at a time, so that memory does not grow with them."""

from collections.abc import Iterator

import numpy as np

from stylegan_tf.metrics.features import blocks

# Distances come from products, so those of equal samples are not quite 0. By so much, relative to
# squared lengths, a ball is widened: what lies on its surface stays inside.
ROUNDING = 1e-12


def pairs(a: np.ndarray, b: np.ndarray | None = None) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Which samples of [N, D], which of [M, D], and their squared distances, until all are done.

    Without b, both are of a, and of two blocks of it the pairs come once.
    """
    for rows, x in blocks(a):
        lengths = _squared_lengths(x)[:, None]
        first = rows.start if b is None else 0
        for columns, y in blocks((a if b is None else b)[first:]):
            squares = x @ y.T
            squares *= -2
            squares += lengths
            squares += _squared_lengths(y)
            columns = slice(first + columns.start, first + columns.stop)
            yield rows, columns, np.maximum(squares, 0, out=squares)


def squared_radii(points: np.ndarray, k: int) -> np.ndarray:
    """The squared distance of each sample from its k-th nearest other one, [N] of [N, D]."""
    nearest = np.full((len(points), k), np.inf)
    for rows, columns, squares in pairs(points):
        if rows == columns:
            np.fill_diagonal(squares, np.inf)
        else:
            _keep_nearest(nearest[columns], squares.T)
        _keep_nearest(nearest[rows], squares)
    squares = nearest.max(1)
    lengths = np.concatenate([_squared_lengths(x) for _, x in blocks(points)])
    return squares + ROUNDING * (squares + lengths)


def _keep_nearest(nearest: np.ndarray, squares: np.ndarray) -> None:
    """Puts the smallest of [n, k], and of further [n, m], into the former."""
    k = nearest.shape[1]
    kept = min(k, squares.shape[1])
    found = np.partition(squares, kept - 1, axis=1)[:, :kept]
    found = np.concatenate([nearest, found], axis=1)
    found.partition(k - 1, axis=1)
    nearest[:] = found[:, :k]


def _squared_lengths(x: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", x, x)
