"""One pass over batches of features against NumPy's functions of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf.metrics import features
from stylegan_tf.metrics.statistics import gather, in_blocks

FEATURES = np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
KINDS = ("moments", "features", "probabilities")
CLASSES = np.random.default_rng(1).random((50, 2)).astype(np.float32)


def batches(size):
    return ((FEATURES[i : i + size], CLASSES[i : i + size]) for i in range(0, 50, size))


@given(
    st.integers(1, 60),
    st.sets(
        st.tuples(st.sampled_from(["moments", "features", "probabilities"]), st.integers(2, 50))
    ),
)
def test_each_need_gets_the_first_samples(size, needs):
    result = gather(batches(size), needs)
    assert result.keys() == needs
    for (what, count), statistics in result.items():
        if what == "moments":
            assert statistics.count == count
            np.testing.assert_allclose(statistics.mean, FEATURES[:count].mean(0), rtol=1e-5)
            expected = np.cov(FEATURES[:count].astype(float), rowvar=False)
            np.testing.assert_allclose(statistics.covariance, expected, rtol=1e-9, atol=1e-12)
        else:
            expected = FEATURES if what == "features" else CLASSES
            np.testing.assert_array_equal(statistics, expected[:count])


def test_counts_of_the_same_kind_share_memory():
    result = gather(batches(7), [("features", 20), ("features", 45)])
    assert np.shares_memory(result["features", 20], result["features", 45])


def test_features_alone_will_do():
    result = gather(((FEATURES[i : i + 9],) for i in range(0, 50, 9)), [("moments", 50)])
    assert result["moments", 50].count == 50


@pytest.mark.parametrize(("size", "lengths"), [(1, [16, 16, 16, 2]), (7, [21, 21, 8]), (50, [50])])
def test_small_batches_are_put_together(monkeypatch, size, lengths):
    """Moments cost a product of D by D for each call."""
    monkeypatch.setattr("stylegan_tf.metrics.statistics.BLOCK", 16)
    assert features.BLOCK > 16
    blocks = [*in_blocks(batches(size))]
    assert [len(block[0]) for block in blocks] == lengths
    np.testing.assert_array_equal(np.concatenate([block[1] for block in blocks]), CLASSES)
