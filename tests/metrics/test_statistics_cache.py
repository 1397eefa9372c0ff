"""Statistics on disk."""

import numpy as np
import pytest

from stylegan_tf.metrics import Moments, statistics
from stylegan_tf.metrics.statistics import cache_path, read_cached, write_cached

DEPENDS = {"dataset": "ab", "resolution": 32, "mirror": False, "need": ["moments", 9]}
SAMPLES = np.random.default_rng(0).standard_normal((9, 4)).astype(np.float32)
KINDS = {"moments": Moments(SAMPLES), "features": SAMPLES}


@pytest.fixture(params=KINDS)
def kept(request, tmp_path):
    """What, and the file in which it is kept."""
    path = cache_path(tmp_path / "new", DEPENDS)
    write_cached(path, request.param, KINDS[request.param])
    return request.param, path


def test_what_was_written_is_read_cached(kept):
    what, path = kept
    result = read_cached(path, what, 9)
    if what == "moments":
        assert result.count == 9
        np.testing.assert_array_equal(result.mean, KINDS[what].mean)
        np.testing.assert_array_equal(result.covariance, KINDS[what].covariance)
        result.update(SAMPLES)  # it goes on
        assert result.count == 18
    else:
        np.testing.assert_array_equal(result, SAMPLES)
    assert [*path.parent.iterdir()] == [path]


def test_all_that_statistics_depend_on_is_in_the_name(tmp_path, monkeypatch):
    changed = {"dataset": "cd", "resolution": 64, "mirror": True, "need": ["moments", 8]}
    paths = {cache_path(tmp_path, {**DEPENDS, key: value}) for key, value in changed.items()}
    paths.add(cache_path(tmp_path, DEPENDS))
    monkeypatch.setattr(statistics, "VERSION", -1)
    paths.add(cache_path(tmp_path, DEPENDS))
    assert len(paths) == len(changed) + 2


def test_a_file_that_is_missing_or_of_other_images_is_not_read_cached(kept, tmp_path):
    what, path = kept
    assert read_cached(path, what, 8) is None
    assert read_cached(path, "moments" if what == "features" else "features", 9) is None
    assert read_cached(tmp_path / "none.npz", what, 9) is None


def test_a_damaged_file_is_not_read_cached(kept):
    """Cut short, changed by a bit, empty, or something else."""
    what, path = kept
    whole = path.read_bytes()
    changed = bytearray(whole)
    content = SAMPLES if what == "features" else KINDS[what].scatter
    changed[whole.index(content.tobytes()) + 5] ^= 1
    for damaged in (whole[: len(whole) // 2], bytes(changed), b"", b"no zip"):
        path.write_bytes(damaged)
        assert read_cached(path, what, 9) is None


def test_moments_of_another_shape_are_not_read_cached(tmp_path):
    np.savez(tmp_path / "x.npz", count=9, mean=np.zeros(3), scatter=np.zeros((2, 2)))
    assert read_cached(tmp_path / "x.npz", "moments", 9) is None


def test_what_is_too_large_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(statistics, "MAX_BYTES", SAMPLES.nbytes - 1)
    write_cached(tmp_path / "x.npz", "features", SAMPLES)
    assert not [*tmp_path.iterdir()]


def test_a_disk_that_takes_nothing_is_no_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    write_cached(tmp_path / "x.npz", "features", SAMPLES)
    assert not [*tmp_path.iterdir()]
    (tmp_path / "file").touch()
    write_cached(tmp_path / "file" / "x.npz", "features", SAMPLES)
