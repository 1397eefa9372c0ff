"""Directions in w: the file, and the principal components."""

import numpy as np
import pytest

from stylegan_tf.explorer import directions


def test_an_npz_has_a_direction_for_each_name(rng, tmp_path):
    smile, age = rng.standard_normal(5), rng.standard_normal((6, 5))
    np.savez(tmp_path / "d.npz", smile=smile, age=age)
    found = directions.load(tmp_path / "d.npz", num_layers=6, w_size=5)
    assert list(found) == ["smile", "age"]
    np.testing.assert_array_equal(found["smile"], smile.astype(np.float32))
    np.testing.assert_array_equal(found["age"], age.astype(np.float32))


def test_the_rows_of_an_npy_are_numbered(rng, tmp_path):
    rows = rng.standard_normal((2, 5))
    np.save(tmp_path / "d.npy", rows)
    found = directions.load(tmp_path / "d.npy", num_layers=6, w_size=5)
    assert list(found) == ["direction 1", "direction 2"]
    np.testing.assert_array_equal(found["direction 2"], rows[1].astype(np.float32))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.zeros(4),
            r"d\.npz: smile is \[4\]; for this network a direction is \[5\], or \[6, 5\]",
        ),
        (np.zeros((5, 6)), r"smile is \[5, 6\]"),
        (np.array(["a"] * 5), "smile holds something else than finite numbers"),
        (np.full(5, np.nan), "smile holds something else than finite numbers"),
    ],
)
def test_what_does_not_fit_the_network_is_refused(array, message, tmp_path):
    np.savez(tmp_path / "d.npz", smile=array)
    with pytest.raises(ValueError, match=message):
        directions.load(tmp_path / "d.npz", num_layers=6, w_size=5)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="d.npz does not exist; directions are an .npz"):
        directions.load(tmp_path / "d.npz", 6, 5)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 and no more"])
def test_a_file_of_another_kind_is_refused(content, tmp_path):
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(ValueError, match="d.npz cannot be read as .npz or .npy"):
        directions.load(tmp_path / "d.npz", 6, 5)


def test_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "d.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="cannot be read"):
        directions.load(tmp_path / "d.npy", 6, 5)


def test_components_are_the_axes_that_samples_were_drawn_along(rng):
    """Samples with deviations 4, 2 and 1 along known axes, off the origin."""
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    w = 7 + rng.standard_normal((20_000, 3)) * [4, 2, 1] @ axes
    found = directions.principal(w)
    assert list(found) == ["component 1", "component 2", "component 3"]
    for vector, axis, deviation in zip(found.values(), axes, [4, 2, 1], strict=True):
        assert vector[np.abs(vector).argmax()] > 0
        assert np.linalg.norm(vector) == pytest.approx(deviation, rel=0.02)
        assert abs(vector @ axis) == pytest.approx(deviation, rel=0.02)
