"""Fréchet distance of normal distributions (Dowson and Landau 1982); FID is that of features.

Mean and covariance of features that come in batches are computed in one pass (Chan et al. 1983).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import blocks, describe, features_of, finite
from stylegan_tf.metrics.registration import Published, register

# Of the largest eigenvalue: float32 makes some this much too small, which are taken for 0.
NEGATIVE = 1e-4
ASYMMETRY = 1e-5  # of the largest entry


class Moments:
    """Count, mean and covariance of all samples so far; nothing else of them is kept.

    Parts can be computed apart (a batch, a replica, a machine) and merged in any order. Samples
    far from 0 lose no digits: deviations from the mean are summed, not squares.

    Attributes:
        count: of samples.
        mean: [D], float64; None before the first sample.
        scatter: [D, D], float64, the sum of products of deviations from the mean.
    """

    def __init__(self, features: ArrayLike | None = None) -> None:
        """Starts with `features`, [N, D], or with none."""
        self.count = 0
        self.mean: Any = None  # until the first sample
        self.scatter: Any = None
        if features is not None:
            self.update(features)

    def update(self, features: ArrayLike) -> None:
        """Adds samples, [N, D].

        Raises:
            ValueError: if they are not finite numbers of the width of those before.
        """
        for _, block in blocks(features_of("features", features, least=0)):
            mean = block.mean(0)
            deviations = block - mean
            self._add(len(block), mean, deviations.T @ deviations)

    def merge(self, other: "Moments") -> None:
        """Adds the samples of another.

        Raises:
            ValueError: if they have another width.
        """
        if other.count:
            self._add(other.count, other.mean, other.scatter)

    @property
    def covariance(self) -> np.ndarray:
        """[D, D], float64, unbiased (divided by the count less 1).

        Raises:
            ValueError: for fewer than two samples.
        """
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 samples, not {self.count}")
        return self.scatter / (self.count - 1)

    def _add(self, count: int, mean: np.ndarray, scatter: np.ndarray) -> None:
        if not self.count:
            self.count, self.mean, self.scatter = count, mean.copy(), scatter.copy()
            return
        if mean.shape != self.mean.shape:
            before, now = len(self.mean), len(mean)
            raise ValueError(f"features: {now} a sample, but {before} in the samples before")
        total = self.count + count
        apart = mean - self.mean
        self.scatter += scatter
        self.scatter += np.outer(apart, apart * (self.count * count / total))
        self.mean = self.mean + apart * (count / total)
        self.count = total


def frechet_distance(mu_a: ArrayLike, cov_a: ArrayLike, mu_b: ArrayLike, cov_b: ArrayLike) -> float:
    """Returns |μ_a − μ_b|² + tr(C_a) + tr(C_b) − 2·tr((C_a·C_b)^½), as in Heusel et al. 2017.

    The last trace is the sum of the singular values of F_aᵀ·F_b, where C = F·Fᵀ. So no root of a
    product is taken, which fails or turns complex where a covariance is singular (of fewer samples
    than features, say).

    Args:
        mu_a: mean of the first distribution, [D].
        cov_a: its covariance, [D, D].
        mu_b: mean of the second distribution, [D].
        cov_b: its covariance, [D, D].

    Returns:
        The squared distance, 0 or more, in the squared unit of the features.

    Raises:
        ValueError: if sizes do not match, numbers are not finite, or a matrix is no covariance.
    """
    mu_a, factor_a = _normal("a", mu_a, cov_a)
    mu_b, factor_b = _normal("b", mu_b, cov_b)
    if mu_a.shape != mu_b.shape:
        raise ValueError(f"mu_a has {len(mu_a)} features, mu_b {len(mu_b)}")
    shared = np.linalg.norm(factor_a.T @ factor_b, "nuc")
    traces = np.sum(factor_a**2) + np.sum(factor_b**2)
    return float(max(np.sum((mu_a - mu_b) ** 2) + traces - 2 * shared, 0.0))


@register(
    "fd",
    needs="moments",
    label="Fréchet distance",
    count=None,
    published=Published("fid", "inception", "Fréchet inception distance"),
)
def _of_moments(real: Moments, fake: Moments) -> float:
    return frechet_distance(real.mean, real.covariance, fake.mean, fake.covariance)


def _normal(which: str, mu: ArrayLike, cov: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean, [D], and a factor of the covariance, [D, D]: cov = factor·factorᵀ."""
    mu, cov = np.asarray(mu), np.asarray(cov)
    for name, array, sizes, expected in (
        (f"mu_{which}", mu, (mu.size,), "[D]"),
        (f"cov_{which}", cov, (mu.size, mu.size), f"[{mu.size}, {mu.size}]"),
    ):
        if array.shape != sizes or not array.size or array.dtype.kind not in "fiu":
            raise ValueError(f"{name}: numbers {expected} are expected, not {describe(array)}")
        finite(name, array)
    return mu.astype(np.float64), _factor(f"cov_{which}", cov.astype(np.float64))


def _factor(name: str, cov: np.ndarray) -> np.ndarray:
    if np.abs(cov - cov.T).max() > ASYMMETRY * np.abs(cov).max():
        raise ValueError(f"{name} is no covariance: it is not symmetric")
    values, vectors = np.linalg.eigh((cov + cov.T) / 2)  # in rising order
    largest = max(values[-1], 0.0)
    if values[0] < -NEGATIVE * largest or (values[0] < 0 and not largest):
        raise ValueError(f"{name} is no covariance: {values[0]:.3g} is among its eigenvalues")
    # Below this, eigenvalues of a singular matrix are rounding, the roots of which would add up.
    rounding = len(cov) * np.finfo(np.float64).eps * largest
    return vectors * np.sqrt(np.where(values > rounding, values, 0.0))
