"""The kernel distance by its definition, a pair of samples at a time."""

import itertools

import numpy as np
import pytest

from references import ask
from stylegan_tf.metrics import kernel, kernel_distance


def by_definition(a, b):
    def k(x, y):
        return (sum(x * y) / len(x) + 1) ** 3

    def others(s):
        return np.mean([k(x, y) for x, y in itertools.permutations(s, 2)])

    return others(a) + others(b) - 2 * np.mean([k(x, y) for x, y in itertools.product(a, b)])


def test_of_all_samples_it_is_the_definition(rng):
    a, b = rng.standard_normal((2, 15, 6)) * 2
    b += 0.5
    found = kernel_distance(a, b)
    assert found.mean == pytest.approx(by_definition(a, b), rel=1e-12)


def test_two_points_apart_have_a_closed_form():
    """k is 1 with the origin, (c² + 1)³ among samples at (c, …, c)."""
    found = kernel_distance(np.zeros((5, 7)), np.full((9, 7), 2.0))
    assert found.mean == pytest.approx(1 + 125 - 2, abs=1e-12)
    assert found.deviation == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("sizes", "options", "times"),
    [((9, 9), {}, 1), ((9, 9), {"subset_size": 9}, 1), ((9, 9), {"subset_size": 8}, 100)]
    + [((9, 12), {}, 100), ((12, 9), {}, 100), ((1000, 1000), {"subsets": 7}, 1)],
)
def test_a_subset_of_all_samples_is_computed_once(sizes, options, times, rng, monkeypatch):
    calls = []
    monkeypatch.setattr(kernel, "_discrepancy", lambda a, b: calls.append((len(a), len(b))) or 0)
    found = kernel_distance(*(rng.standard_normal((size, 2)) for size in sizes), **options)
    size = options.get("subset_size", min(sizes))
    assert calls == [(size, size)] * times
    assert found.deviation == (None if times == 1 else 0)


def test_the_mean_of_subsets_is_that_of_all_pairs(rng):
    """An unbiased estimate of a subset is one of the whole: their mean is the whole's."""
    a, b = rng.standard_normal((2, 30, 4))
    result = kernel_distance(a, b + 0.4, subsets=2000, subset_size=10)
    error = result.deviation / np.sqrt(2000)
    assert abs(result.mean - by_definition(a, b + 0.4)) < 4 * error
    assert 0 < error < 0.1


def test_the_deviation_is_over_the_subsets(rng):
    a, b = rng.standard_normal((2, 40, 3))
    one = kernel_distance(a, b, subsets=1, subset_size=8)
    more = kernel_distance(a, b, subsets=9, subset_size=8)
    assert one.deviation is None
    assert more.deviation > 0
    assert more == kernel_distance(a, b, subsets=9, subset_size=8)
    assert more != kernel_distance(a, b, subsets=9, subset_size=8, seed=1)


def test_halves_of_one_set_are_0_apart_on_average(rng):
    """Unbiased: the mean over many sets is 0, and some are below it."""
    result = [kernel_distance(*rng.standard_normal((2, 20, 5)), subsets=1).mean for _ in range(300)]
    assert min(result) < 0
    assert abs(np.mean(result)) < 4 * np.std(result) / np.sqrt(300)


def test_float32_features_are_multiplied_in_float64(rng):
    a, b = (rng.standard_normal((2, 12, 5)) + 100).astype(np.float32)
    result = kernel_distance(a, b).mean
    assert result == pytest.approx(by_definition(a.astype(float), b.astype(float)), rel=1e-9)


@pytest.mark.parametrize(
    ("a", "options", "message"),
    [
        (np.zeros((1, 3)), {}, "a: at least 2 samples are needed, not 1"),
        (np.zeros((9, 3)), {"subset_size": 10}, "a: at least 10 samples are needed, not 9"),
        (np.zeros((9, 3)), {"subset_size": 1}, "subset_size must be 2 or more, not 1"),
        (np.zeros((9, 3)), {"subsets": 0}, "subsets must be 1 or more, not 0"),
        (np.zeros((9, 2)), {}, "one has 2 features a sample, one 3"),
        (np.zeros(9), {}, r"a: numbers \[N, D\] are expected, not float64 \[9\]"),
        (np.full((9, 3), np.nan), {}, "a: NaN"),
    ],
)
def test_what_cannot_be_compared_is_refused(a, options, message):
    with pytest.raises(ValueError, match=message):
        kernel_distance(a, np.zeros((20, 3)), **options)


def test_packages_agree(rng, tmp_path):
    """clean-fid and torch-fidelity, on one subset of all samples."""
    a, b = rng.standard_normal((2, 50, 8))
    result = ask("kernel", tmp_path, a=a, b=b)
    assert len(result) == 2
    for package, expected in result.items():
        mean = kernel_distance(a, b, subsets=1).mean
        assert mean == pytest.approx(float(expected), rel=1e-6), package
