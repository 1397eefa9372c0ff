"""Whether fakes look like reals, and whether all kinds of reals are among the fakes.

Reals, or fakes, are everything within the balls around their features, each of which reaches to
the k-th nearest other one, its surface included.
"""

from typing import NamedTuple

import numpy as np

from stylegan_tf.metrics.features import features_of, same_width
from stylegan_tf.metrics.neighbours import pairs, squared_radii


class PrecisionRecall(NamedTuple):
    """Shares, from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density, 0 or more and about 1 where distributions are equal; coverage, from 0 to 1."""

    density: float
    coverage: float


def precision_recall(real, fake, k: int = 3) -> PrecisionRecall:
    """Improved precision and recall (Kynkäänniemi et al. 2019).

    Args:
        real, fake: features, [N, D] and [M, D].
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


def density_coverage(real, fake, k: int = 5) -> DensityCoverage:
    """Density and coverage (Naeem et al. 2020), which single odd samples cannot spoil.

    Args:
        real, fake: features, [N, D] and [M, D].
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
        inside += np.count_nonzero(hits)
        covered[reals] |= np.any(hits, axis=1)
    return DensityCoverage(float(inside / (k * len(fake))), float(covered.mean()))


def _checked(real, fake, k: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Both, of the same width, with neighbours for every real and at least so many fakes."""
    if k < 1:
        raise ValueError(f"k must be 1 or more, not {k}")
    real, fake = features_of("real", real, least=k + 1), features_of("fake", fake, least)
    same_width("real and fake", real, fake)
    return real, fake
