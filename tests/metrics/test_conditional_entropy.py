"""Conditional entropies: what the published code computed, and closed forms."""

import numpy as np
import pytest
from scipy.stats import entropy

from stylegan_tf.metrics import conditional_entropy

# `ls/p` and `ls/cond_entropy` of the reference vectors (misc.npz).
TABLES = [
    [[0.4, 0.1], [0.05, 0.45]],
    [[0.5, 0.0], [0.0, 0.5]],
    [[0.25, 0.25], [0.25, 0.25]],
    [[1.0, 0.0], [0.0, 0.0]],
]
PUBLISHED = [0.595461830496788, 0, 1, 0]


def test_it_is_what_the_published_code_gives():
    """To 8 digits; the mean over X, below, is met to 12."""
    np.testing.assert_allclose(conditional_entropy(TABLES), PUBLISHED, rtol=5e-8, atol=1e-15)


def test_counts_are_probabilities():
    counts = [[400, 100], [50, 450]]
    assert conditional_entropy(counts) == pytest.approx(conditional_entropy(TABLES[0]), rel=1e-12)


def test_it_is_the_mean_over_x_of_the_entropy_of_y(rng):
    table = rng.random((3, 4))
    shares = table.sum(1) / table.sum()
    expected = sum(share * entropy(row, base=2) for share, row in zip(shares, table, strict=True))
    assert conditional_entropy(table) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([0.5, 0.5], r"table: numbers \[..., X, Y\] are expected, not float64 \[2\]"),
        ([[1, -1], [1, 1]], "numbers of 0 or more"),
        (np.zeros((2, 2)), "not all of them 0"),
        ([[np.nan, 1], [1, 1]], "table: NaN"),
    ],
)
def test_what_is_no_table_is_refused(table, message):
    with pytest.raises(ValueError, match=message):
        conditional_entropy(table)
