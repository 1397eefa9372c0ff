"""Opening a dataset: what is missing or cut off is noticed before anything is read."""

import json

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import stylegan_tf as sg
from image_files import manifest, several, shards, write
from stylegan_tf.datasets.manifest import FORMAT, KEYS, SHARD_KEYS, VERSION


@pytest.fixture
def made(tmp_path):
    sg.datasets.create(write(tmp_path / "source", several(4)), tmp_path / "made")
    return tmp_path / "made"


def test_a_dataset_opens_by_path_or_text(made):
    for path in (made, str(made)):
        dataset = sg.datasets.open(path)
        assert (dataset.num_images, dataset.resolution, dataset.channels) == (4, 8, 3)


def refused(path, match):
    with pytest.raises(sg.datasets.DatasetError, match=match) as caught:
        sg.datasets.open(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "source", "source/00.png"])
def test_what_is_no_dataset_says_how_to_make_one(name, made):
    refused(made.parent / name, r"dataset\.json.*dataset create")


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"5", b"null", b"[]", b"{}", b'{"format": 1}', b"\xff", b"[" * 10**5],
)
def test_a_damaged_manifest_is_refused(text, made):
    (made / "dataset.json").write_bytes(text)
    refused(made, r"dataset\.json")


json_values = st.recursive(
    st.none() | st.integers(-1, 5) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.fixed_dictionaries({}, optional=dict.fromkeys([*KEYS, *SHARD_KEYS], inner))
    ),
    max_leaves=8,
)


@given(data=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=50)
def test_any_manifest_is_one_or_refused_by_name(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("any")
    (path / "dataset.json").write_bytes(data)
    refused(path, r"dataset\.json")


@given(fields=st.dictionaries(st.sampled_from([*KEYS, *SHARD_KEYS]), json_values, max_size=3))
@settings(max_examples=50)
def test_any_values_in_a_manifest_are_a_dataset_or_refused_by_name(fields, tmp_path_factory):
    path = tmp_path_factory.mktemp("any")
    shard = {"file": "a.tfrecord", "num_images": 0, "bytes": 0, "sha256": "", **fields}
    tree = {"resolution": 8, "channels": 3, "num_images": 0, "label_size": 0, "label_names": []}
    head = {"format": FORMAT, "version": VERSION}
    (path / "dataset.json").write_text(json.dumps({**head, **tree, "shards": [shard], **fields}))
    (path / "a.tfrecord").touch()
    try:
        sg.datasets.open(path)
    except sg.datasets.DatasetError as error:
        assert str(path) in str(error)


def changed(path, **fields):
    (path / "dataset.json").write_text(json.dumps(manifest(path) | fields))


@pytest.mark.parametrize("key", ["resolution", "channels", "num_images", "label_size", "shards"])
def test_a_manifest_without_a_key_is_refused(key, made):
    tree = manifest(made)
    del tree[key]
    (made / "dataset.json").write_text(json.dumps(tree))
    refused(made, rf"dataset\.json.*{key}")


@pytest.mark.parametrize("fields", [{"version": 2}, {"version": "x"}, {"format": "other"}])
def test_another_format_or_a_newer_version_is_refused(fields, made):
    changed(made, **fields)
    refused(made, r"dataset\.json")


def test_a_manifest_that_cannot_count_is_refused(made):
    changed(made, num_images=5)
    refused(made, r"dataset\.json.*num_images")


@pytest.mark.parametrize("file", ["../made/x.tfrecord", "/etc/passwd"])
def test_a_manifest_that_points_elsewhere_is_refused(file, made):
    shard = {"file": file, "num_images": 4, "bytes": 1, "sha256": ""}
    changed(made, shards=[shard])
    refused(made, file)


@pytest.mark.parametrize("shard", [3, {}, {"file": "a.tfrecord"}])
def test_a_manifest_with_a_broken_shard_is_refused(shard, made):
    changed(made, shards=[shard])
    refused(made, r"dataset\.json")


def test_a_missing_shard_is_refused(made):
    shards(made)[1].unlink()
    refused(made, r"shard-00001-of-00002\.tfrecord.*missing")


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x"])
def test_a_shard_of_another_length_is_refused(change, made):
    file = shards(made)[0]
    size = file.stat().st_size
    file.write_bytes(change(file.read_bytes()))
    refused(made, rf"shard-00000-of-00002\.tfrecord.*{file.stat().st_size}.*{size}")


@pytest.mark.parametrize("place", [0, 12, 100, -1])
def test_a_changed_byte_surfaces_when_it_is_read(place, made):
    file = shards(made)[0]
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    dataset = sg.datasets.open(made)
    with (
        pytest.raises(sg.datasets.DatasetError, match=f"{made}.*dataset verify") as caught,
        sg.datasets.reading(dataset),
    ):
        list(dataset.batches(batch_size=4).take(1))
    assert "\n" not in str(caught.value)


def test_other_errors_pass_through_reading(made):
    with pytest.raises(ZeroDivisionError), sg.datasets.reading(sg.datasets.open(made)):
        raise ZeroDivisionError


def test_errors_of_a_network_pass_through_reading(made):
    """They can be of the same type as those of a damaged shard."""
    dataset = sg.datasets.open(made)

    @tf.function
    def step(iterator):
        tf.debugging.assert_less(next(iterator), tf.constant(0, tf.uint8))

    iterator = iter(dataset.batches(batch_size=4))
    with pytest.raises(tf.errors.InvalidArgumentError), sg.datasets.reading(dataset):
        step(iterator)


def test_a_changed_byte_surfaces_in_a_graph_on_several_devices(made):
    file = shards(made)[0]
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(data)
    dataset = sg.datasets.open(made)
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    iterator = iter(
        strategy.distribute_datasets_from_function(lambda _: dataset.batches(batch_size=4))
    )
    take = tf.function(lambda: strategy.run(tf.shape, [next(iterator)]))
    with pytest.raises(sg.datasets.DatasetError, match="verify"), sg.datasets.reading(dataset):
        for _ in range(3):
            take()
