"""Closed paths through keyframes."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from stylegan_tf.video.paths import arc, arc_loop, line_loop, spline_loop


@pytest.mark.parametrize("path", [arc_loop, line_loop, spline_loop])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_loop_goes_through_its_keys(path, count, rng):
    keys = rng.standard_normal([count, 6]).astype(np.float32)
    result = path(keys, 4)
    assert result.shape == (4 * count, 6)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[::4], keys, atol=1e-6)


@pytest.mark.parametrize("path", [arc_loop, line_loop, spline_loop])
def test_the_end_of_a_loop_leads_to_its_beginning(path, rng):
    """A loop that begins at another key is the same loop."""
    keys = rng.standard_normal([4, 6])
    turned = path(np.roll(keys, -1, axis=0), 5)
    np.testing.assert_allclose(np.roll(path(keys, 5), -5, axis=0), turned, atol=1e-12)


@pytest.mark.parametrize("path", [arc_loop, line_loop, spline_loop])
def test_a_loop_has_no_jumps(path, rng):
    keys = rng.standard_normal([5, 8])
    loop = path(keys, 100)
    steps = np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=1)
    distances = np.linalg.norm(np.roll(keys, -1, axis=0) - keys, axis=1)
    assert steps.max() < 0.1 * distances.min()


def test_an_arc_is_that_of_rotations(rng):
    """Between unit quaternions it is scipy's interpolation of rotations."""
    a, b = rng.standard_normal([2, 4])
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    b *= np.sign(a @ b)  # a rotation takes the shorter way
    scipys = Slerp([0, 1], Rotation.from_quat([a, b]))
    for t in (0.0, 0.2, 0.5, 0.9, 1.0):
        result = arc(a, b, t)
        assert abs(result @ scipys(t).as_quat()) == pytest.approx(1)
        assert np.linalg.norm(result) == pytest.approx(1)


def test_lengths_are_interpolated_linearly():
    result = arc(np.array([2.0, 0.0]), np.array([0.0, 4.0]), 0.5)
    np.testing.assert_allclose(result, [3 * 0.5**0.5] * 2)


@pytest.mark.parametrize("b", [[3.0, 0.0], [-3.0, 0.0], [0.0, 0.0], [1.0, 1e-9]])
def test_vectors_without_an_arc_between_them_give_numbers(b):
    a = np.array([1.0, 0.0])
    for t in (0.0, 0.3, 1.0):
        assert np.isfinite(arc(a, np.array(b), t)).all()
    np.testing.assert_allclose(arc(a, np.array(b), 0.0), a, atol=1e-12)
    np.testing.assert_allclose(arc(a, np.array(b), 1.0), b, atol=1e-8)


def test_a_spline_has_no_kinks_not_even_where_it_closes(rng):
    """Its steps change little from each to the next; those of straight lines jump at the keys."""
    result = spline_loop(rng.standard_normal([5, 8]), 200)
    steps = np.roll(result, -1, axis=0) - result
    changes = np.linalg.norm(np.roll(steps, -1, axis=0) - steps, axis=1)
    assert changes.max() < 0.1 * np.linalg.norm(steps, axis=1).max()


def test_a_spline_takes_keys_of_any_shape(rng):
    keys = rng.standard_normal([3, 6, 5])
    flat = spline_loop(keys.reshape(3, 30), 4).reshape(12, 6, 5)
    np.testing.assert_allclose(spline_loop(keys, 4), flat)
