"""Precision, recall, density and coverage: known overlaps, and all distances at once."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from references import ask
from stylegan_tf.metrics import density_coverage, features, precision_recall


def by_definition(real, fake, k):
    """(precision, recall, density, coverage) from whole matrices of distances, each direct."""

    def radii(x):
        return np.sort(cdist(x, x), axis=1)[:, k]  # the first is 0, of the sample itself

    between = cdist(real, fake)
    in_reals = between <= radii(real)[:, None]
    in_fakes = between <= radii(fake)
    density = in_reals.sum(0).mean() / k
    return in_reals.any(0).mean(), in_fakes.any(1).mean(), density, in_reals.any(1).mean()


def all_four(real, fake, k):
    return (*precision_recall(real, fake, k), *density_coverage(real, fake, k))


@pytest.mark.parametrize("block", [1, 2, 7, 60, 1000])
@pytest.mark.parametrize("k", [1, 3, 5])
def test_blocks_of_any_size_give_what_whole_matrices_give(rng, monkeypatch, block, k):
    monkeypatch.setattr(features, "BLOCK", block)
    real, fake = rng.standard_normal((60, 4)), rng.standard_normal((37, 4)) + 0.7
    assert all_four(real, fake, k) == pytest.approx(by_definition(real, fake, k), rel=1e-12)


@given(
    arrays(np.int64, (9, 2), elements=st.integers(-4, 4)),
    arrays(np.int64, (7, 2), elements=st.integers(-4, 4)),
    st.integers(1, 4),
)
def test_ties_and_equal_samples_are_inside(real, fake, k):
    """On a grid many distances are equal, and balls can have no size."""
    assert all_four(real, fake, k) == pytest.approx(by_definition(real, fake, k), rel=1e-12)


def test_grids_that_overlap_have_counts():
    """10 × 10 points, moved by 5: balls of radius 1 reach one column further."""
    real = np.array([*itertools.product(range(10), range(10))])
    fake = real + [5, 0]
    assert precision_recall(real, fake, k=1) == (0.6, 0.6)
    # Pairs at most 1 apart: 50 the same point, 100 beside, 90 above or below each other.
    assert density_coverage(real, fake, k=1) == pytest.approx((2.4, 0.6), rel=1e-12)


def test_boxes_overlap_by_half(rng):
    """Of reals in the overlap, 2⁻ᵏ are not covered: their k nearest samples are all reals."""
    real, fake = rng.random((2, 2000, 2))
    result = all_four(real, fake + [0.5, 0], k=3)
    assert result == pytest.approx((0.5, 0.5, 0.5, 0.5 * (1 - 2**-3)), abs=0.03)


def test_what_lies_apart_shares_nothing(rng):
    real, fake = rng.random((2, 30, 3))
    assert all_four(real, fake + 10, k=3) == (0, 0, 0, 0)


def test_the_same_samples_share_all(rng):
    real = rng.standard_normal((50, 8)) * 0.1 + 1e3  # far from 0, where products are rounded
    result = all_four(real, rng.permutation(real), k=3)
    # In each ball lie the sample itself and three others, the third on the surface.
    assert result == pytest.approx((1, 1, 4 / 3, 1), rel=1e-12)


def test_copies_are_inside_balls_without_size(rng):
    """Rounding of products must not part them; blocks of other sizes are rounded otherwise."""
    real = np.repeat(rng.standard_normal((9, 301)) * 100, 5, axis=0)
    for count in (9, 10, 23, 45):
        assert all_four(real, real[:count], k=3)[::2] == pytest.approx((1, 5 / 3), rel=1e-12)


def test_collapse_is_precise_and_recalls_nothing(rng):
    real = rng.standard_normal((50, 8))
    precision, recall, _, coverage = all_four(real, np.repeat(real[:1], 20, 0), k=3)
    assert precision == 1
    assert recall == 1 / 50  # balls without size, on one real
    assert coverage <= 0.2


def test_an_odd_real_spoils_precision_and_not_density(rng):
    """Its ball holds everything: why density counts balls (Naeem et al. 2020)."""
    real = np.concatenate([rng.random((200, 2)), [[50, 50]]])
    fake = rng.random((100, 2)) + [3, 3]
    assert precision_recall(real, fake).precision == 1
    assert density_coverage(real, fake).density == pytest.approx(1 / 5)


def test_float32_features_are_compared_in_float64(rng):
    real, fake = (rng.standard_normal((2, 80, 3)) * 0.01 + 100).astype(np.float32)
    expected = by_definition(real.astype(float), fake.astype(float), 3)
    assert all_four(real, fake, 3) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("metric", [precision_recall, density_coverage])
def test_memory_does_not_grow_with_pairs(rng, monkeypatch, metric):
    monkeypatch.setattr(features, "BLOCK", 32)
    real, fake = rng.standard_normal((2, 1000, 4))
    tracemalloc.start()
    metric(real, fake)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000  # all distances are 8,000,000 bytes


@pytest.mark.parametrize("metric", [precision_recall, density_coverage])
@pytest.mark.parametrize(
    ("real", "fake", "k", "message"),
    [
        (np.zeros((3, 2)), np.zeros((9, 2)), 3, "real: at least 4 samples are needed, not 3"),
        (np.zeros((9, 2)), np.zeros((0, 2)), 3, "fake: at least . samples are needed, not 0"),
        (
            np.zeros((9, 2)),
            np.zeros((9, 3)),
            3,
            "real and fake: one has 2 features a sample, one 3",
        ),
        (np.zeros((9, 2)), np.full((9, 2), np.inf), 3, "fake: NaN or infinity"),
        (np.zeros((9, 2)), np.zeros((9, 2, 1)), 3, r"fake: numbers \[N, D\] .* \[9, 2, 1\]"),
        (np.zeros((9, 2)), np.zeros((9, 2)), 0, "k must be 1 or more, not 0"),
    ],
)
def test_what_cannot_be_compared_is_refused(metric, real, fake, k, message):
    with pytest.raises(ValueError, match=message):
        metric(real, fake, k)


def test_fakes_need_neighbours_for_recall():
    with pytest.raises(ValueError, match="fake: at least 4 samples are needed, not 3"):
        precision_recall(np.zeros((9, 2)), np.zeros((3, 2)))


def test_prdc_agrees(rng):
    prdc = pytest.importorskip("prdc", reason="pip install -e '.[test]'")
    real, fake = rng.standard_normal((70, 5)), rng.standard_normal((60, 5)) + 0.5
    expected = prdc.compute_prdc(real, fake, nearest_k=4)
    names = ("precision", "recall", "density", "coverage")
    assert all_four(real, fake, 4) == pytest.approx([expected[name] for name in names], rel=1e-6)


def test_torch_fidelity_agrees(rng, tmp_path):
    real, fake = rng.standard_normal((70, 5)), rng.standard_normal((60, 5)) + 0.5
    expected = ask("precision_recall", tmp_path, real=real, fake=fake, k=4)["torch-fidelity"]
    assert precision_recall(real, fake, k=4) == pytest.approx(expected, rel=1e-6)
