"""The stream: repeatable, endless, every image once an epoch, entered anywhere."""

from itertools import islice

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import stylegan_tf as sg
from image_files import shards, write
from stylegan_tf.datasets import order, stream

COUNT = 11


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Makes a dataset of 11 images in at least three shards; the first pixel of number n is n."""
    folder = tmp_path_factory.mktemp("order")
    files = {f"{n:02}.png": Image.new("L", (4, 4), n) for n in range(COUNT)}
    dataset = sg.datasets.create(
        write(folder / "source", files), folder / "made", channels=1, shard_bytes=300
    )
    assert len(shards(folder / "made")) >= 3
    return dataset


def numbers(dataset, count, **arguments) -> list[int]:
    """Returns the numbers of the first images of the stream."""
    stream = dataset.batches(batch_size=1, **arguments)
    return [int(batch[0, 0, 0, 0]) for batch in islice(stream.as_numpy_iterator(), count)]


LONG = 4 * COUNT


@pytest.fixture(scope="module")
def unbroken(made):
    """Returns the stream from its beginning, for two seeds."""
    return {seed: numbers(made, LONG, seed=seed) for seed in (0, 7)}


def test_every_epoch_shows_every_image_once(made, unbroken):
    stream = unbroken[0]
    for start in range(0, LONG, COUNT):
        assert sorted(stream[start : start + COUNT]) == list(range(COUNT))


def test_every_epoch_has_another_order(made, unbroken):
    stream = unbroken[0]
    orders = {tuple(stream[start : start + COUNT]) for start in range(0, LONG, COUNT)}
    assert len(orders) == LONG // COUNT


def test_a_seed_gives_the_same_stream_every_time(made, unbroken):
    assert numbers(made, LONG, seed=0) == unbroken[0]


def test_seeds_differ(made):
    seeds = (0, 1, -1, 2**40)
    assert len({tuple(numbers(made, COUNT, seed=seed)) for seed in seeds}) == len(seeds)


def test_the_global_seed_of_tensorflow_does_not_matter(made, unbroken):
    tf.random.set_seed(12345)
    assert numbers(made, LONG, seed=0) == unbroken[0]


@settings(max_examples=8)
@given(start=st.integers(0, LONG - 1), seed=st.sampled_from([0, 7]))
def test_a_stream_resumes_where_it_stopped(made, unbroken, start, seed):
    expected = unbroken[seed][start:]
    assert numbers(made, len(expected), seed=seed, start_image=start) == expected


@pytest.mark.parametrize("start", [1, COUNT - 1, COUNT, COUNT + 1, 2 * COUNT])
def test_a_stream_resumes_at_every_border(made, unbroken, start):
    expected = unbroken[0][start : start + 2]
    assert numbers(made, 2, start_image=start) == expected


def test_mirroring_takes_other_numbers_than_the_order():
    """Also where a seed and a block are an epoch and a shard."""
    flips = order.flips_of_block(1, tf.constant(2, tf.int64))
    numbers_of_the_order = order.whole_range([order.BLOCK], tf.constant([1, 2], tf.int64))
    agreement = np.mean(np.asarray(flips) == (np.asarray(numbers_of_the_order) < 0))
    assert 0.4 < agreement < 0.6  # 6 deviations of 1024 tosses


def test_a_far_place_is_reached_at_once(made):
    start = COUNT * 10**12  # years, if what comes before were read
    assert sorted(numbers(made, COUNT, start_image=start)) == list(range(COUNT))


def test_batches_run_over_the_ends_of_epochs(made, unbroken):
    batches = made.batches(batch_size=8).take(5)
    flat = np.concatenate([batch[:, 0, 0, 0] for batch in batches.as_numpy_iterator()])
    assert flat.tolist() == unbroken[0][:40]


def test_a_dataset_smaller_than_a_batch_goes_round(made):
    (batch,) = made.batches(batch_size=3 * COUNT).take(1)
    assert np.bincount(batch[:, 0, 0, 0]).tolist() == [3] * COUNT


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("readers", "turn", "start"), [(2, 1, 0), (3, 2, 7)])
def test_readers_that_share_a_stream_get_its_batches_in_turns(made, readers, turn, start, mirror):
    count = 2 * readers * turn
    arguments = {"batch_size": 2, "start_image": start, "mirror": mirror}
    every_batch = list(islice(made.batches(**arguments).as_numpy_iterator(), count))
    for reader in range(readers):
        share = sg.datasets.InputShard(reader, readers, turn)
        stream = made.batches(**arguments, share=share).as_numpy_iterator()
        mine = [number for number in range(count) if number // turn % readers == reader]
        expected = [every_batch[number] for number in mine]
        np.testing.assert_array_equal(list(islice(stream, 2 * turn)), expected)


def test_a_turn_is_of_so_many_batches():
    elements = tf.data.Dataset.range(20)
    first, second = (
        sg.datasets.InputShard(reader, readers=2, turn=2).of(elements, batch_size=3)
        for reader in (0, 1)
    )
    assert [*first.as_numpy_iterator()] == [*range(6), *range(12, 18)]
    assert [*second.as_numpy_iterator()] == [*range(6, 12)]


def test_only_its_own_images_come_to_a_reader_for_decoding(made, monkeypatch):
    monkeypatch.setattr(stream, "images", lambda dataset, encoded, resolution: encoded)
    every_record = list(islice(made.batches(batch_size=1).as_numpy_iterator(), LONG))
    share = sg.datasets.InputShard(1, 2)
    mine = list(islice(made.batches(batch_size=1, share=share).as_numpy_iterator(), LONG // 2))
    assert mine == every_record[1::2]


@pytest.mark.parametrize("share", [(2, 2), (-1, 2), (0, 0), (0, 1, 0)])
def test_a_share_that_cannot_be_is_refused(made, share):
    with pytest.raises(sg.datasets.DatasetError, match="0 ≤ reader < readers"):
        made.batches(share=sg.datasets.InputShard(*share))
