"""`verify` names everything that is wrong with a dataset, a line each."""

import re

import pytest
import tensorflow as tf

import stylegan_tf as sg
from image_files import encoded, noise, rewrite, several, shards, write

FIRST = "shard-00000-of-00002.tfrecord"


@pytest.fixture
def made(tmp_path):
    files = {f"{name[1]}/{name}": image for name, image in several(4).items()}
    sg.datasets.create(write(tmp_path / "source", files), tmp_path / "made", labels="folders")
    return tmp_path / "made"


def example(image=None, label=(1.0, 0, 0, 0), name=b"0/x.png", margins=()) -> bytes:
    """Returns a record that is as it should be, but for what is given."""
    feature = {
        "image": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[encoded(noise(8)) if image is None else image])
        ),
        "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[name])),
        "label": tf.train.Feature(float_list=tf.train.FloatList(value=label)),
        "margins": tf.train.Feature(int64_list=tf.train.Int64List(value=margins)),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def test_a_good_dataset_has_no_problems(made):
    assert sg.datasets.verify(made) == []


def test_progress_counts_to_the_end(made):
    calls = []
    sg.datasets.verify(made, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(done, 4) for done in range(1, 5)]


FAULTS = {
    "no example": (b"\xff\xff", FIRST),
    "no image": (example(b"text"), f"{FIRST}.*x.png"),
    "cut off": (example(encoded(noise(8))[:-60]), f"{FIRST}.*x.png"),
    "wrong size": (example(encoded(noise(16))), f"{FIRST}.*x.png.*16×16"),
    "wrong shape": (example(encoded(noise(8, 4))), f"{FIRST}.*x.png.*8×4"),
    "wrong mode": (example(encoded(noise(8, mode="L"))), f"{FIRST}.*x.png.* L"),
    "wrong label": (example(label=[1.0, 0]), f"{FIRST}.*x.png.*label"),
    "no label": (example(label=[]), f"{FIRST}.*x.png.*label"),
    "no number": (example(label=[1.0, float("nan"), 0, 0]), f"{FIRST}.*x.png.*not finite"),
    "too wide margins": (example(margins=[4, 0, 4, 0]), f"{FIRST}.*x.png.*margins"),
    "half margins": (example(margins=[4, 0]), f"{FIRST}.*x.png.*margins"),
}


@pytest.mark.parametrize(("record", "match"), FAULTS.values(), ids=FAULTS)
def test_a_broken_example_is_one_line(record, match, made):
    rewrite(made, FIRST, [example(), record])
    (problem,) = sg.datasets.verify(made)
    assert re.search(match, problem)
    assert "\n" not in problem


@pytest.mark.parametrize("count", [1, 3])
def test_another_number_of_examples_is_one_line(count, made):
    rewrite(made, FIRST, [example()] * count)
    (problem,) = sg.datasets.verify(made)
    assert problem.startswith(FIRST)
    assert f" {count} " in problem
    assert " 2" in problem


def test_another_hash_is_one_line(made):
    rewrite(made, FIRST, [example()] * 2, sha256="0" * 64)
    (problem,) = sg.datasets.verify(made)
    assert problem.startswith(FIRST)
    assert "SHA-256" in problem


@pytest.mark.parametrize("position", [1, 2])
def test_a_changed_byte_is_found_and_all_other_examples_read(position, made):
    length = shards(made)[0].stat().st_size
    data = bytearray(shards(made)[0].read_bytes())
    data[100 if position == 1 else length - 100] ^= 1
    shards(made)[0].write_bytes(data)
    seen = []
    problems = sg.datasets.verify(made, progress=lambda done, total: seen.append(done))
    assert len(seen) == 4
    hashed, example = problems
    assert hashed.startswith(FIRST)
    assert "SHA-256" in hashed
    assert example.startswith(f"{FIRST}: example {position}:")
    assert "checksum" in example


def test_a_changed_length_ends_the_reading_of_a_shard(made):
    data = bytearray(shards(made)[0].read_bytes())
    data[1] ^= 1
    shards(made)[0].write_bytes(data)
    problems = sg.datasets.verify(made)
    assert all(problem.startswith(FIRST) for problem in problems)
    assert any("after 0 of 2" in problem for problem in problems)


def test_a_shard_that_is_cut_off_says_where(made):
    file = shards(made)[0]
    file.write_bytes(file.read_bytes()[:-10])
    problems = sg.datasets.verify(made)
    assert all(problem.startswith(FIRST) for problem in problems)
    assert any("after 1 of 2" in problem for problem in problems)


def test_a_missing_shard_is_one_line(made):
    shards(made)[0].unlink()
    (problem,) = sg.datasets.verify(made)
    assert problem == f"{FIRST} is missing"


def test_every_fault_has_its_line(made):
    broken = [example(b"", name=b"a"), example(label=[], name=b"b")]
    rewrite(made, FIRST, [*broken, example()])
    shards(made)[1].unlink()
    problems = sg.datasets.verify(made)
    assert len(problems) == 4
    for words in (": a is", ": b has", " 3 examples", "missing"):
        assert sum(words in problem for problem in problems) == 1


def test_what_is_no_dataset_is_an_error(tmp_path):
    with pytest.raises(sg.datasets.DatasetError, match="dataset create"):
        sg.datasets.verify(tmp_path)
