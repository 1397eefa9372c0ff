"""Streamed moments against NumPy's of all samples at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stylegan_tf.metrics import Moments, features

SAMPLES = np.random.default_rng(0).standard_normal((24, 3)) * [1, 5, 0.1] + [0, 100, -1]


def assert_moments(moments, samples, tolerance=1e-12):
    assert moments.count == len(samples)
    scale = max(np.abs(samples).max(), 1)
    np.testing.assert_allclose(moments.mean, samples.mean(0), rtol=0, atol=tolerance * scale)
    expected = np.cov(samples, rowvar=False)
    atol = tolerance * scale**2
    np.testing.assert_allclose(moments.covariance, expected, rtol=0, atol=atol)


@given(
    cuts=st.lists(st.integers(0, len(SAMPLES)), max_size=6).map(sorted),
    order=st.randoms(use_true_random=False),
)
def test_parts_merge_in_any_order_and_grouping(cuts, order):
    parts = [Moments(part) for part in np.split(SAMPLES, cuts)]
    while len(parts) > 1:
        order.shuffle(parts)
        parts[0].merge(parts.pop())
    assert_moments(parts[0], SAMPLES)


@given(arrays(np.float64, (9, 2), elements=st.floats(-1e6, 1e6)), st.integers(1, 8))
def test_batches_of_any_size_are_one_set(samples, size):
    moments = Moments()
    for start in range(0, len(samples), size):
        moments.update(samples[start : start + size])
    assert_moments(moments, samples)


def test_large_arrays_are_gathered_in_blocks(monkeypatch):
    monkeypatch.setattr(features, "BLOCK", 7)
    assert_moments(Moments(SAMPLES), SAMPLES)


def test_digits_survive_far_from_0(rng):
    """Sums of squares would leave none: 1e16 is the square, 1 the variance."""
    near = rng.standard_normal((1000, 4))
    offset = near + 1e8
    expected = np.cov(offset - 1e8, rowvar=False)  # of the samples as rounded at 1e8
    moments = Moments()
    for batch in np.split(offset, 10):
        moments.update(batch)
    np.testing.assert_allclose(moments.covariance, expected, rtol=0, atol=1e-7)


def test_float32_and_integers_are_summed_in_float64():
    assert_moments(Moments(SAMPLES.astype(np.float32)), SAMPLES.astype(np.float32).astype(float))
    images = np.arange(12, dtype=np.uint8).reshape(4, 3) * 20
    assert_moments(Moments(images), images.astype(float))


def test_a_part_is_not_changed_by_what_it_is_merged_into():
    part, whole = Moments(SAMPLES[:5]), Moments()
    whole.merge(part)
    whole.update(SAMPLES[5:])
    assert_moments(part, SAMPLES[:5])
    assert_moments(whole, SAMPLES)


def test_what_does_not_fit_is_refused_and_changes_nothing():
    moments, other = Moments(SAMPLES), np.zeros((2, 4))
    for update, wider in ((moments.update, other), (moments.merge, Moments(other))):
        with pytest.raises(ValueError, match="4 a sample, but 3 in the samples before"):
            update(wider)
    with pytest.raises(ValueError, match="NaN"):
        moments.update([[0, 1, np.nan]])
    assert_moments(moments, SAMPLES)


@pytest.mark.parametrize("count", [0, 1])
def test_a_covariance_needs_two_samples(count):
    with pytest.raises(ValueError, match=f"at least 2 samples, not {count}"):
        Moments(SAMPLES[:count]).covariance  # noqa: B018  a property that raises
