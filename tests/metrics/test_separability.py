"""Linear separability of attributes whose dependence on latents is known."""

import sys

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra `metrics`")

from stylegan_tf.metrics import separability  # noqa: E402


@pytest.fixture
def latents(rng):
    """Along the first feature there is a gap, so that a plane between is found for sure."""
    z = rng.standard_normal((800, 3))
    z[:, 0] += np.sign(z[:, 0])
    return z


def test_what_a_plane_parts_is_known(latents):
    result = separability(latents, latents[:, :1])
    assert result.score == 1
    np.testing.assert_array_equal(result.entropies, [0])


def test_what_has_nothing_to_do_with_latents_stays_unknown(latents, rng):
    result = separability(latents, rng.standard_normal((800, 1)))
    assert result.score == pytest.approx(2, abs=0.05)


def test_attributes_add_up(latents, rng):
    """2 to the sum: one known attribute, and two that are not, give 4."""
    logits = np.stack([latents[:, 0], *rng.standard_normal((2, 800))], axis=1)
    result = separability(latents, logits)
    assert result.entropies.shape == (3,)
    assert result.score == pytest.approx(4, abs=0.15)
    assert result.score == pytest.approx(2 ** result.entropies.sum(), rel=1e-12)


def test_what_a_plane_cannot_part_stays_unknown(rng):
    """Exclusive or: the sign of a product."""
    z = rng.choice([-1.0, 1.0], (1000, 2)) * rng.uniform(1, 2, (1000, 2))
    assert separability(z, z[:, :1] * z[:, 1:]).score > 1.5


def test_only_the_surer_half_counts(latents):
    """Half of the classifier's verdicts are wrong, but it is not sure of these."""
    logits = latents[:, :1] * 1.0
    unsure = np.arange(800) % 2 == 0
    logits[unsure] = -0.01 * np.sign(logits[unsure])
    assert separability(latents, logits).score == 1


def test_errors_of_the_plane_are_counted(rng):
    """A tenth of the labels is turned round on either side: H(Y|X) is that of 0.1."""
    z = np.repeat([-1.0, 1.0], 1000)[:, None] * [2.0, 0]
    z += 0.01 * rng.standard_normal(z.shape)
    y = np.sign(z[:, :1])
    y[::10] *= -1
    sure = np.tile([[5.0], [1.0]], (1000, 1))  # the surer half has a fifth of them turned round
    expected = -0.2 * np.log2(0.2) - 0.8 * np.log2(0.8)
    result = separability(z, y * sure)
    np.testing.assert_allclose(result.entropies, [expected], rtol=1e-9)


@pytest.mark.parametrize("sign", [-1, 1])
def test_an_attribute_of_all_or_none_is_known(latents, sign):
    assert separability(latents, np.full((800, 1), sign * 2.0)).score == 1


def test_fewer_samples_than_features_are_fitted_too(rng):
    z = rng.standard_normal((20, 60))
    assert separability(z, z[:, :1]).score == 1


@pytest.mark.parametrize(
    ("z", "logits", "message"),
    [
        (np.zeros((3, 2)), np.zeros((3, 1)), "latents: at least 4 samples are needed, not 3"),
        (np.zeros((9, 2)), np.zeros((8, 1)), "9 latents, but logits of 8 samples"),
        (np.zeros((9, 2)), np.zeros(9), r"logits: numbers \[N, D\]"),
        (np.zeros((9, 2)), np.full((9, 1), np.nan), "logits: NaN"),
        (np.full((9, 2), np.inf), np.zeros((9, 1)), "latents: NaN or infinity"),
    ],
)
def test_what_does_not_fit_is_refused(z, logits, message):
    with pytest.raises(ValueError, match=message):
        separability(z, logits)


def test_a_missing_package_is_named(latents, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(ImportError, match=r"pip install 'stylegan-tf\[metrics\]'"):
        separability(latents, latents)
