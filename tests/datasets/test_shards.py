"""What `create` writes: shards, their manifest, in an order that is always the same."""

import hashlib
import os

import pytest

import stylegan_tf as sg
from image_files import contents, manifest, noise, several, shards, stored, write


def make(folder, count, name="made", **arguments):
    """Makes a dataset of random images of about 250 bytes each."""
    if not (folder / "source").exists():
        write(folder / "source", several(count))
    return sg.datasets.create(folder / "source", folder / name, **arguments)


@pytest.mark.parametrize(("count", "num_shards"), [(1, 1), (2, 2), (3, 2), (7, 2)])
def test_two_workers_find_a_shard_each(count, num_shards, tmp_path):
    make(tmp_path, count)
    assert len(shards(tmp_path / "made")) == num_shards


def test_a_shard_grows_to_the_size_that_was_given(tmp_path):
    make(tmp_path, 12, shard_bytes=1000)
    sizes = sorted(file.stat().st_size for file in shards(tmp_path / "made"))
    assert len(sizes) >= 3
    assert sizes[-1] < 1000 + 500  # the last record may go beyond it
    assert sum(size >= 1000 for size in sizes) >= len(sizes) - 2


def test_shards_are_numbered(tmp_path):
    make(tmp_path, 12, shard_bytes=1000)
    names = [file.name for file in shards(tmp_path / "made")]
    assert names == [f"shard-{i:05}-of-{len(names):05}.tfrecord" for i in range(len(names))]
    assert set(contents(tmp_path / "made")) == {*names, "dataset.json"}


def test_the_manifest_says_what_is_there(tmp_path):
    made = make(tmp_path, 5)
    tree = manifest(tmp_path / "made")
    assert (tree["format"], tree["version"]) == ("stylegan-tf dataset", 1)
    expected = {
        "resolution": 8,
        "channels": 3,
        "num_images": 5,
        "label_size": 0,
        "label_names": [],
    }
    assert {key: tree[key] for key in expected} == expected
    assert {key: type(tree[key])(getattr(made, key)) for key in expected} == expected
    for shard, file in zip(tree["shards"], shards(tmp_path / "made"), strict=True):
        data = file.read_bytes()
        assert (shard["file"], shard["bytes"]) == (file.name, len(data))
        assert shard["sha256"] == hashlib.sha256(data).hexdigest()
    assert sum(shard["num_images"] for shard in tree["shards"]) == 5


def test_every_image_is_there_once(tmp_path):
    make(tmp_path, 20, shard_bytes=1000)
    assert sorted(stored(tmp_path / "made")) == [f"{index:02}.png" for index in range(20)]
    assert manifest(tmp_path / "made")["num_images"] == 20


def test_the_order_is_random_and_follows_the_seed(tmp_path):
    orders = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        make(tmp_path, 20, name, seed=seed)
        orders.append(list(stored(tmp_path / name)))
    assert orders[0] == orders[1]
    assert len({tuple(orders[0]), tuple(orders[2]), tuple(sorted(orders[0]))}) == 3


def test_the_number_of_cores_changes_nothing(tmp_path, monkeypatch):
    for cores in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid, cores=cores: set(range(cores)))
        make(tmp_path, 40, f"made{cores}", resolution=16)
    assert contents(tmp_path / "made1") == contents(tmp_path / "made2")
    assert contents(tmp_path / "made1") == contents(tmp_path / "made7")


def test_the_fingerprint_changes_with_any_image(tmp_path):
    first = make(tmp_path, 3).fingerprint
    assert make(tmp_path, 3, "again").fingerprint == first
    write(tmp_path / "source", {"01.png": noise(seed=99)})
    assert make(tmp_path, 3, "other").fingerprint != first


def test_progress_counts_to_the_end(tmp_path):
    calls = []
    make(tmp_path, 5, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(done, 5) for done in range(1, 6)]
