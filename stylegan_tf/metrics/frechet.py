"""Fréchet distance of normal distributions (Dowson and Landau 1982); FID is that of features."""

import numpy as np

from stylegan_tf.metrics.features import describe, finite

# Of the largest eigenvalue: float32 makes some this much too small, which are taken for 0.
NEGATIVE = 1e-4
ASYMMETRY = 1e-5  # of the largest entry


def frechet_distance(mu_a, cov_a, mu_b, cov_b) -> float:
    """|μ_a − μ_b|² + tr(C_a) + tr(C_b) − 2·tr((C_a·C_b)^½), as in Heusel et al. 2017.

    The last trace is the sum of the singular values of F_aᵀ·F_b, where C = F·Fᵀ. So no root of a
    product is taken, which fails or turns complex where a covariance is singular (of fewer samples
    than features, say).

    Args:
        mu_a, mu_b: means, [D].
        cov_a, cov_b: covariances, [D, D].

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


def _normal(which: str, mu, cov) -> tuple[np.ndarray, np.ndarray]:
    """The mean, [D], and a factor of the covariance, [D, D]: cov = factor·factorᵀ."""
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
