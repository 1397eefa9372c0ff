"""Real images in the order of the files, and labels drawn from them."""

import json

import numpy as np
import pytest

import stylegan_tf as sg
from damaged import damaged_copy
from image_files import several, write
from stylegan_tf.metrics.reals import Reals, all_labels, sampled_labels


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """21 images of 8×8 with labels of 3 numbers, which the first pixel does not tell."""
    folder = tmp_path_factory.mktemp("reals")
    files = several(21, width=8)
    rng = np.random.default_rng(0)
    labels = {name: rng.integers(0, 2, 3).tolist() for name in files}
    (folder / "labels.json").write_text(json.dumps(labels))
    source = write(folder / "source", files)
    return sg.datasets.create(source, folder / "made", labels=str(folder / "labels.json"))


def gathered(reals, count, size):
    batches = [images for (images,) in reals.batches(count, size)]
    assert {len(batch) for batch in batches[:-1]} <= {size}
    return np.concatenate(batches)


@pytest.mark.parametrize("size", [1, 4, 21, 50])
@pytest.mark.parametrize("count", [5, 21])
def test_the_first_images_come_in_the_order_of_the_files(dataset, count, size):
    expected = np.stack([*dataset.images(count)])
    np.testing.assert_array_equal(gathered(Reals(dataset, 8), count, size), expected)


def test_lower_resolutions_are_means_of_squares(dataset):
    whole = np.stack([*dataset.images()]).astype(float)
    expected = np.rint(whole.reshape(21, 4, 2, 4, 2, 3).mean((2, 4)))
    np.testing.assert_array_equal(gathered(Reals(dataset, 4), 21, 8), expected)


def test_mirrored_images_follow_their_originals(dataset):
    reals = Reals(dataset, 8, mirror=True)
    assert reals.available == 42
    originals = np.stack([*dataset.images()])
    result = gathered(reals, 41, 6)
    np.testing.assert_array_equal(result[::2], originals)
    np.testing.assert_array_equal(result[1::2], originals[:20, :, ::-1])


def test_what_they_are_is_known_by_the_shards_the_resolution_and_the_mirror(dataset):
    ways = [Reals(dataset, 8), Reals(dataset, 4), Reals(dataset, 8, True)]
    assert len({json.dumps(reals.identity) for reals in ways}) == 3
    assert Reals(dataset, 8).identity["dataset"] == dataset.fingerprint


def labels_of(dataset):
    """By the reader for training: [num_images, label_size], in its order."""
    batch = next(dataset.batches(batch_size=dataset.num_images).as_numpy_iterator())
    return batch[1]


def test_all_labels_are_read(dataset):
    result, expected = all_labels(dataset), labels_of(dataset)
    np.testing.assert_array_equal(np.sort(result, 0), np.sort(expected, 0))
    pairs = Reals(dataset, 8).images().as_numpy_iterator()
    np.testing.assert_array_equal(result, [label for _, label in pairs])


@pytest.mark.parametrize("at_once", [1, 5, 4096])
def test_sampled_labels_are_those_of_random_images(dataset, monkeypatch, at_once):
    monkeypatch.setattr("stylegan_tf.datasets.stream.LABELS_AT_ONCE", at_once)
    chosen = np.random.default_rng(3).integers(21, size=100)
    np.testing.assert_array_equal(sampled_labels(dataset, 100, 3), all_labels(dataset)[chosen])


def test_the_first_labels_do_not_depend_on_how_many_are_drawn(dataset):
    np.testing.assert_array_equal(sampled_labels(dataset, 7, 1), sampled_labels(dataset, 90, 1)[:7])
    assert not np.array_equal(sampled_labels(dataset, 90, 1), sampled_labels(dataset, 90, 2))


def test_labels_have_the_frequencies_of_the_data():
    """The groups of the bundled images, from 1 in 60 to 4 in 10."""
    dataset = sg.datasets.open(sg.datasets.bundled())
    shares = all_labels(dataset).mean(0)
    deviation = np.sqrt(shares * (1 - shares) / 20_000)
    result = sampled_labels(dataset, 20_000).mean(0)
    assert np.abs((result - shares) / deviation).max() < 4


def test_a_damaged_file_is_named(dataset, tmp_path):
    copy = damaged_copy(dataset, tmp_path / "copy")
    damaged = sg.datasets.open(copy)
    with pytest.raises(sg.datasets.DatasetError, match="is damaged"):
        gathered(Reals(damaged, 8), 21, 4)
    with pytest.raises(sg.datasets.DatasetError, match="is damaged"):
        sampled_labels(damaged, 5)
