"""Whether fakes look like reals, and whether all kinds of reals are among the fakes.

Reals, or fakes, are everything within the balls around their features, each of which reaches to
the k-th nearest other one, its surface included.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import blocks, features_of, same_width
from stylegan_tf.metrics.registration import Published, register

# Distances come from products, so those of equal samples are not quite 0. By so much, relative to
# squared lengths, a ball is widened: what lies on its surface stays inside.
ROUNDING = 1e-12


class PrecisionRecall(NamedTuple):
    """Shares, from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density, 0 or more and about 1 where distributions are equal; coverage, from 0 to 1."""

    density: float
    coverage: float


def precision_recall(real: ArrayLike, fake: ArrayLike, k: int = 3) -> PrecisionRecall:
    """Returns improved precision and recall (Kynkäänniemi et al. 2019).

    Args:
        real: features of real images, [N, D].
        fake: features of generated images, [M, D].
        k: which neighbour a ball reaches to.

    Returns:
        The share of fakes in the ball of any real, and that of reals in the ball of any fake.

    Raises:
        ValueError: if features are not finite numbers of the same width, or there are k or fewer.
    """
    real, fake = _checked(real, fake, k, least=k + 1)
    real_radii, fake_radii = squared_radii(real, k), squared_radii(fake, k)
    precise, recalled = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for reals, fakes, squares in pairs(real, fake):
        precise[fakes] |= np.any(squares <= real_radii[reals, None], axis=0)
        recalled[reals] |= np.any(squares <= fake_radii[fakes], axis=1)
    return PrecisionRecall(float(precise.mean()), float(recalled.mean()))


def density_coverage(real: ArrayLike, fake: ArrayLike, k: int = 5) -> DensityCoverage:
    """Returns density and coverage (Naeem et al. 2020), which single odd samples cannot spoil.

    Args:
        real: features of real images, [N, D].
        fake: features of generated images, [M, D].
        k: which neighbour a ball reaches to.

    Returns:
        The mean number of balls of reals that a fake is in, over k; and the share of reals whose
        ball has a fake in it.

    Raises:
        ValueError: if features are not finite numbers of the same width, there are k or fewer
            reals, or no fakes.
    """
    real, fake = _checked(real, fake, k, least=1)
    radii = squared_radii(real, k)
    inside, covered = 0, np.zeros(len(real), bool)
    for reals, _, squares in pairs(real, fake):
        hits = squares <= radii[reals, None]
        inside += int(np.count_nonzero(hits))
        covered[reals] |= np.any(hits, axis=1)
    return DensityCoverage(float(inside / (k * len(fake))), float(covered.mean()))


@register(
    "pr",
    needs="features",
    higher_is_better=True,
    minimum=4,  # each has three neighbours
    label="share of images",
    count=None,
    published=Published("pr", "vgg16_fc2"),
)
def _precision_recall(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    return precision_recall(real, fake)._asdict()


@register(
    "dc",
    needs="features",
    higher_is_better=True,
    minimum=6,  # each has five neighbours
    label="density, coverage",
    count=None,
    published=Published("dc", "vgg16_fc2"),
)
def _density_coverage(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    return density_coverage(real, fake)._asdict()


def _checked(real: ArrayLike, fake: ArrayLike, k: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns both, of the same width, with neighbours for each real and so many fakes."""
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
    real, fake = features_of("real", real, least=k + 1), features_of("fake", fake, least)
    same_width("real and fake", real, fake)
    return real, fake


def pairs(a: np.ndarray, b: np.ndarray | None = None) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yields which samples of [N, D], which of [M, D], and their squared distances.

    They come a block at a time, so that memory does not grow with them. Without b, both are of a,
    and of two blocks of it the pairs come once.
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
    """Returns the squared distance, [N] of [N, D], of each sample from its k-th nearest other."""
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
    candidates = np.partition(squares, kept - 1, axis=1)[:, :kept]
    candidates = np.concatenate([nearest, candidates], axis=1)
    candidates.partition(k - 1, axis=1)
    nearest[:] = candidates[:, :k]


def _squared_lengths(x: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", x, x)
