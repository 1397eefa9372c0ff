"""Path length: which distances count, and interpolation on the sphere."""

import numpy as np
import pytest

from published import reference
from stylegan_tf.metrics import path_length, slerp


def test_the_lowest_and_the_highest_hundredth_are_dropped(rng):
    """Of 1000, the percentiles lie between 9 and 10, and 989 and 990: 9 to 990 count."""
    distances = rng.permutation(1000).astype(np.float32)
    assert path_length(distances) == pytest.approx(np.mean(range(9, 991)), rel=1e-12)


def test_outliers_change_nothing(rng):
    distances = rng.permutation(np.arange(1000.0))
    spoiled = np.where(distances > 990, 1e30, np.where(distances < 9, -1e30, distances))
    assert path_length(spoiled) == path_length(distances)


def test_few_distances_all_count():
    assert path_length([1, 2, 6]) == 3
    assert path_length(np.arange(100)) == 49.5


def test_equal_distances_all_count():
    assert path_length(np.full(500, 7.0)) == 7


@pytest.mark.parametrize(
    ("distances", "message"),
    [
        ([], r"distances: numbers \[N\] are expected, not float64 \[0\]"),
        (np.zeros((4, 1)), r"not float64 \[4, 1\]"),
        ([1, np.nan], "distances: NaN"),
    ],
)
def test_what_is_no_list_of_distances_is_refused(distances, message):
    with pytest.raises(ValueError, match=message):
        path_length(distances)


def test_slerp_is_that_of_the_published_code():
    with np.load(reference("misc.npz")) as file:
        a, b, t, at, further = (
            file[f"ppl/{name}"] for name in ("a", "b", "t", "slerp_t", "slerp_t_eps")
        )
    np.testing.assert_allclose(slerp(a, b, t), at, rtol=0, atol=5e-7)  # which is float32
    np.testing.assert_allclose(slerp(a, b, t + 1e-4), further, rtol=0, atol=5e-7)


def test_slerp_turns_at_constant_speed(rng):
    a, b = rng.standard_normal((2, 6, 8)) * 5
    along = np.stack([slerp(a, b, t) for t in np.linspace(0, 1, 9)])
    np.testing.assert_allclose(np.linalg.norm(along, axis=-1), 1, rtol=1e-13)
    np.testing.assert_allclose(along[0], a / np.linalg.norm(a, axis=-1, keepdims=True))
    np.testing.assert_allclose(along[-1], b / np.linalg.norm(b, axis=-1, keepdims=True))
    steps = np.linalg.norm(np.diff(along, axis=0), axis=-1)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), rtol=1e-10)


def test_small_steps_keep_their_digits(rng):
    """A step of 1e-4 is 1e-4 of the angle: float32 would be off by hundredths."""
    a, b = rng.standard_normal((2, 1000, 512)).astype(np.float32)
    cosine = np.sum(a.astype(float) * b, -1)
    cosine /= np.linalg.norm(a.astype(float), axis=-1) * np.linalg.norm(b.astype(float), axis=-1)
    steps = np.linalg.norm(slerp(a, b, 0.3) - slerp(a, b, 0.3 + 1e-4), axis=-1)
    np.testing.assert_allclose(steps, 1e-4 * np.arccos(cosine), rtol=1e-7)


def test_one_direction_stays():
    a = np.array([[3.0, 4.0]])
    np.testing.assert_allclose(slerp(a, 2 * a, 0.7), [[0.6, 0.8]], rtol=1e-15)
