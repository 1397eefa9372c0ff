"""Statistics on disk."""

import numpy as np
import pytest

from stylegan_tf.metrics import Moments, statistics_cache
from stylegan_tf.metrics.statistics_cache import path_of, read, write

DEPENDS = {"dataset": "ab", "resolution": 32, "mirror": False, "need": ["moments", 9]}
SAMPLES = np.random.default_rng(0).standard_normal((9, 4)).astype(np.float32)
KINDS = {"moments": Moments(SAMPLES), "features": SAMPLES}


@pytest.fixture(params=KINDS)
def kept(request, tmp_path):
    """What, and the file in which it is kept."""
    path = path_of(tmp_path / "new", DEPENDS)
    write(path, request.param, KINDS[request.param])
    return request.param, path


def test_what_was_written_is_read(kept):
    what, path = kept
    found = read(path, what, 9)
    if what == "moments":
        assert found.count == 9
        np.testing.assert_array_equal(found.mean, KINDS[what].mean)
        np.testing.assert_array_equal(found.covariance, KINDS[what].covariance)
        found.update(SAMPLES)  # it goes on
        assert found.count == 18
    else:
        np.testing.assert_array_equal(found, SAMPLES)
    assert [*path.parent.iterdir()] == [path]


def test_all_that_statistics_depend_on_is_in_the_name(tmp_path, monkeypatch):
    changed = {"dataset": "cd", "resolution": 64, "mirror": True, "need": ["moments", 8]}
    paths = {path_of(tmp_path, {**DEPENDS, key: value}) for key, value in changed.items()}
    paths.add(path_of(tmp_path, DEPENDS))
    monkeypatch.setattr(statistics_cache, "VERSION", -1)
    paths.add(path_of(tmp_path, DEPENDS))
    assert len(paths) == len(changed) + 2


def test_a_file_that_is_missing_or_of_other_pictures_is_not_read(kept, tmp_path):
    what, path = kept
    assert read(path, what, 8) is None
    assert read(path, "moments" if what == "features" else "features", 9) is None
    assert read(tmp_path / "none.npz", what, 9) is None


def test_a_damaged_file_is_not_read(kept):
    """Cut short, changed by a bit, empty, or something else."""
    what, path = kept
    whole = path.read_bytes()
    changed = bytearray(whole)
    content = SAMPLES if what == "features" else KINDS[what].scatter
    changed[whole.index(content.tobytes()) + 5] ^= 1
    for damaged in (whole[: len(whole) // 2], bytes(changed), b"", b"no zip"):
        path.write_bytes(damaged)
        assert read(path, what, 9) is None


def test_moments_of_another_shape_are_not_read(tmp_path):
    np.savez(tmp_path / "x.npz", count=9, mean=np.zeros(3), scatter=np.zeros((2, 2)))
    assert read(tmp_path / "x.npz", "moments", 9) is None


def test_what_is_too_large_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(statistics_cache, "LARGEST", SAMPLES.nbytes - 1)
    write(tmp_path / "x.npz", "features", SAMPLES)
    assert not [*tmp_path.iterdir()]


def test_a_disk_that_takes_nothing_is_no_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    write(tmp_path / "x.npz", "features", SAMPLES)
    assert not [*tmp_path.iterdir()]
    (tmp_path / "file").touch()
    write(tmp_path / "file" / "x.npz", "features", SAMPLES)
