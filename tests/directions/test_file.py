"""The file of directions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf import directions


def test_an_npz_has_a_direction_for_each_name(rng, tmp_path):
    smile, age = rng.standard_normal(5), rng.standard_normal((6, 5))
    np.savez(tmp_path / "d.npz", smile=smile, age=age)
    result = directions.load(tmp_path / "d.npz", num_layers=6, w_size=5)
    assert list(result) == ["smile", "age"]
    np.testing.assert_array_equal(result["smile"], smile.astype(np.float32))
    np.testing.assert_array_equal(result["age"], age.astype(np.float32))


def test_the_rows_of_an_npy_are_numbered(rng, tmp_path):
    rows = rng.standard_normal((2, 5))
    np.save(tmp_path / "d.npy", rows)
    result = directions.load(tmp_path / "d.npy", num_layers=6, w_size=5)
    assert list(result) == ["direction 1", "direction 2"]
    np.testing.assert_array_equal(result["direction 2"], rows[1].astype(np.float32))


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


@given(data=st.binary(max_size=80), kept=st.integers(0, 500), kind=st.sampled_from(["npz", "npy"]))
def test_any_bytes_are_directions_or_refused_by_name(data, kept, kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / f"d.{kind}"
    if kind == "npz":
        directions.save({"smile": np.zeros(5)}, path)
    else:
        np.save(path, np.zeros((2, 5)))
    path.write_bytes(path.read_bytes()[:kept] + data)
    try:
        directions.load(path, 6, 5)
    except ValueError as error:
        assert f"d.{kind}" in str(error)


def test_a_shape_larger_than_its_bytes_is_refused(tmp_path):
    """A bomb of memory: the header alone asks for 8 TB."""
    np.save(tmp_path / "d.npy", np.zeros(5))
    data = (tmp_path / "d.npy").read_bytes()
    (tmp_path / "d.npy").write_bytes(data.replace(b"(5,), }" + b" " * 11, b"(1000000000000,), }"))
    with pytest.raises(ValueError, match="d.npy cannot be read"):
        directions.load(tmp_path / "d.npy", 6, 5)


def test_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "d.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="cannot be read"):
        directions.load(tmp_path / "d.npy", 6, 5)


def test_what_is_saved_is_loaded(rng, tmp_path):
    """ "file" is the name of an argument of np.savez."""
    result = {name: rng.standard_normal(5).astype(np.float32) for name in ("sefa 1", "file")}
    result["age"] = rng.standard_normal((6, 5)).astype(np.float32)
    directions.save(result, tmp_path / "d.npz")
    loaded = directions.load(tmp_path / "d.npz", num_layers=6, w_size=5)
    assert list(loaded) == ["sefa 1", "file", "age"]
    for name, array in result.items():
        np.testing.assert_array_equal(loaded[name], array)
    assert list(np.load(tmp_path / "d.npz")) == list(result)  # an .npz to NumPy, too
