"""The Fréchet distance in closed form, where covariances are singular, too."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from references import ask
from stylegan_tf.metrics import Moments, frechet_distance

WIDTH = 12


def covariance(rng, rank=WIDTH, width=WIDTH):
    factor = rng.standard_normal((width, rank))
    return factor @ factor.T


def rotation(rng, width=WIDTH):
    return np.linalg.qr(rng.standard_normal((width, width)))[0]


def test_equal_covariances_leave_the_squared_distance_of_the_means(rng):
    cov, mu = covariance(rng), rng.standard_normal(WIDTH)
    assert frechet_distance(mu, cov, mu + 3, cov) == pytest.approx(9 * WIDTH, rel=1e-12)
    assert frechet_distance(mu, cov, mu, cov) == pytest.approx(0, abs=1e-11)


def test_in_one_dimension_it_is_that_of_means_and_deviations():
    assert frechet_distance([1.0], [[4.0]], [4.0], [[25.0]]) == pytest.approx(9 + 9, rel=1e-14)


@pytest.mark.parametrize("rotated", [False, True])
def test_covariances_with_the_same_axes_differ_by_their_deviations(rng, rotated):
    a, b = rng.random((2, WIDTH)) * 10
    axes = rotation(rng) if rotated else np.eye(WIDTH)
    result = frechet_distance(np.zeros(WIDTH), axes * a @ axes.T, np.ones(WIDTH), axes * b @ axes.T)
    assert result == pytest.approx(WIDTH + np.sum((np.sqrt(a) - np.sqrt(b)) ** 2), rel=1e-11)


def test_it_is_that_of_the_formula_with_a_root_of_the_product(rng):
    mu_a, mu_b = rng.standard_normal((2, WIDTH))
    a, b = covariance(rng), covariance(rng)
    root = sqrtm(a @ b).real
    expected = np.sum((mu_a - mu_b) ** 2) + np.trace(a + b - 2 * root)
    assert frechet_distance(mu_a, a, mu_b, b) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(mu_b, b, mu_a, a) == pytest.approx(expected, rel=1e-8)


def test_rank_one_covariances_differ_by_the_angle_between_them(rng):
    """tr((u·uᵀ·v·vᵀ)^½) = |u·v|; with u ⊥ v nothing is shared."""
    axes, zero = rotation(rng, 200), np.zeros(200)
    u, v = axes[0], 0.6 * axes[0] + 0.8 * axes[1]
    for other, shared in ((u, 1), (v, 0.6), (-v, 0.6), (axes[2], 0)):
        result = frechet_distance(zero, np.outer(u, u), zero, np.outer(other, other))
        assert result == pytest.approx(2 - 2 * shared, abs=1e-12)


def test_directions_of_no_variance_add_nothing(rng):
    """With A = F·Fᵀ of rank 3, the shared trace is that of the 3×3 matrix (Fᵀ·B·F)^½."""
    width, zero = 150, np.zeros(150)
    factor, b = rng.standard_normal((width, 3)) * 30, covariance(rng, width, width)
    shared = np.sqrt(np.linalg.eigvalsh(factor.T @ b @ factor)).sum()
    expected = np.trace(factor @ factor.T) + np.trace(b) - 2 * shared
    result = frechet_distance(zero, factor @ factor.T, zero, b)
    assert result == pytest.approx(expected, rel=1e-12)


def test_fewer_samples_than_features_are_no_trouble(rng):
    """Their covariances are singular; of samples moved by 1, only the means differ."""
    samples = rng.standard_normal((20, 100))
    a, b = Moments(samples), Moments(samples[::-1] + 1)
    result = frechet_distance(a.mean, a.covariance, b.mean, b.covariance)
    assert result == pytest.approx(100, rel=1e-10)


def test_points_have_no_covariance(rng):
    none, cov = np.zeros((WIDTH, WIDTH)), covariance(rng)
    mu = np.zeros(WIDTH)
    assert frechet_distance(mu, none, mu + 2, none) == 4 * WIDTH
    assert frechet_distance(mu, none, mu, cov) == pytest.approx(np.trace(cov), rel=1e-12)


def test_covariances_kept_in_float32_are_accepted(rng):
    mu, a, b = np.zeros(100), covariance(rng, 30, 100), covariance(rng, 30, 100)
    exact = frechet_distance(mu, a, mu, b)
    rounded = frechet_distance(mu, a.astype(np.float32), mu, b.astype(np.float32))
    assert rounded == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mu_a": np.zeros((1, 2))}, r"mu_a: numbers \[D\] are expected, not float64 \[1, 2\]"),
        ({"cov_b": np.eye(3)}, r"cov_b: numbers \[2, 2\] are expected, not float64 \[3, 3\]"),
        ({"cov_a": 1.0}, "cov_a: numbers"),
        ({"mu_b": ["a", "b"]}, "mu_b: numbers"),
        ({"mu_b": np.zeros(3), "cov_b": np.eye(3)}, "mu_a has 2 features, mu_b 3"),
        ({"mu_a": [np.nan, 0]}, "mu_a: NaN"),
        ({"cov_b": np.full((2, 2), np.inf)}, "cov_b: NaN or infinity"),
        ({"cov_a": [[1, 0.5], [0, 1]]}, "cov_a is no covariance: it is not symmetric"),
        ({"cov_b": [[1, 2], [2, 1]]}, "cov_b is no covariance: -1 is among its eigenvalues"),
        ({"cov_b": -np.eye(2)}, "cov_b is no covariance: -1 is among"),
    ],
)
def test_what_is_no_normal_distribution_is_refused(change, message):
    given = {"mu_a": [0, 0], "cov_a": np.eye(2), "mu_b": [0, 0], "cov_b": np.eye(2)} | change
    with pytest.raises(ValueError, match=message):
        frechet_distance(**given)


def test_packages_agree(rng, tmp_path):
    """pytorch-fid, clean-fid and torch-fidelity."""
    mu_a, mu_b = rng.standard_normal((2, WIDTH))
    given = {"mu_a": mu_a, "cov_a": covariance(rng), "mu_b": mu_b, "cov_b": covariance(rng)}
    result = ask("frechet", tmp_path, **given)
    assert len(result) == 3
    for package, expected in result.items():
        assert frechet_distance(**given) == pytest.approx(float(expected), rel=1e-6), package
