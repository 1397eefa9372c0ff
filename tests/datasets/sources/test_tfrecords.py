"""NVIDIA's TFRecords: the two published ones bit by bit, and others that TensorFlow writes here."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import vectors
from image_files import examples, pixels
from stylegan_tf.datasets.sources import open_source


def record(image: np.ndarray) -> bytes:
    """Returns the record of an image, uint8 [C, H, W], by TensorFlow."""
    shape = tf.train.Feature(int64_list=tf.train.Int64List(value=image.shape))
    data = tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()]))
    features = tf.train.Features(feature={"shape": shape, "data": data})
    return tf.train.Example(features=features).SerializeToString()


def write(path: Path, records) -> Path:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for one in records:
            writer.write(one)
    return path


def nvidia(folder: Path, rng, count=5, channels=3) -> tuple[Path, np.ndarray]:
    """Writes a set of 8×8 pixels, whose lower resolutions hold other images; returns its images."""
    folder.mkdir()
    images = rng.integers(0, 256, (count, channels, 8, 8), np.uint8)
    write(folder / "set-r02.tfrecords", map(record, np.zeros((count, channels, 4, 4), np.uint8)))
    write(folder / "set-r03.tfrecords", map(record, images))
    return folder, images


@pytest.mark.parametrize(("name", "channels"), [("rgb32", 3), ("gray16", 1)])
def test_published_sets_are_read_bit_by_bit(name, channels, tmp_path):
    folder = vectors.file("tfrecords") / name
    dataset = sg.datasets.create(folder, tmp_path / "made")
    finest = max(folder.glob("*.tfrecords"))
    expected = []
    for data in tf.data.TFRecordDataset(str(finest)).as_numpy_iterator():
        feature = tf.train.Example.FromString(data).features.feature
        shape = feature["shape"].int64_list.value
        expected.append(np.frombuffer(feature["data"].bytes_list.value[0], np.uint8).reshape(shape))
    assert dataset.channels == channels
    result = {
        name: pixels(data, "RGB" if channels == 3 else "L")
        for name, data, _ in examples(tmp_path / "made")
    }
    assert len(result) == len(expected)
    for index, image in enumerate(expected):
        shape = (dataset.resolution, dataset.resolution, channels)
        actual = result[f"{index:08d}.png"].reshape(shape)
        np.testing.assert_array_equal(actual, image.transpose(1, 2, 0))


def test_the_images_of_the_published_set_are_those_of_its_source():
    expected = np.load(vectors.file("tfrecords") / "source.npz")
    source = open_source(vectors.file("tfrecords") / "rgb32")
    for index, place in enumerate(expected["shuffled_order"]):
        image = expected["images_nchw_u8"][place].transpose(1, 2, 0)
        np.testing.assert_array_equal(source.array(index), image)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("given", ["folder", "file"])
def test_the_highest_resolution_is_taken(given, channels, rng, tmp_path):
    folder, images = nvidia(tmp_path / "set", rng, channels=channels)
    source = open_source(folder if given == "folder" else folder / "set-r03.tfrecords")
    for index, image in enumerate(images):
        expected = image.transpose(1, 2, 0).squeeze()
        np.testing.assert_array_equal(source.array(index), expected)


def test_labels_are_those_of_the_numpy_file(rng, tmp_path):
    folder, images = nvidia(tmp_path / "set", rng)
    rows = rng.standard_normal((len(images), 3)).astype(np.float32)
    with (folder / "set-rxx.labels").open("wb") as file:
        np.save(file, rows)
    sg.datasets.create(folder, tmp_path / "made")
    for name, _, label in examples(tmp_path / "made"):
        np.testing.assert_array_equal(np.float32(label), rows[int(name.removesuffix(".png"))])


@pytest.mark.parametrize(
    "labels",
    [
        b"",
        b"text",
        b"PK\3\4 a zip",
        b"\x93NUMPY\1\0\x06\0{'a\n  ",
        np.zeros((4, 2)),
        np.zeros((5, 0)),
        np.zeros(5),
        np.full((5, 2), np.nan),
        np.array([["a", "b"]] * 5),
        np.array([[{}]] * 5, dtype=object),
    ],
    ids=str,
)
def test_labels_that_do_not_fit_are_refused(labels, rng, tmp_path):
    folder, _ = nvidia(tmp_path / "set", rng)
    with (folder / "set-rxx.labels").open("wb") as file:
        file.write(labels) if isinstance(labels, bytes) else np.save(file, labels)
    with pytest.raises(sg.datasets.DatasetError, match=r"set-rxx\.labels") as caught:
        sg.datasets.create(folder, tmp_path / "made")
    assert "\n" not in str(caught.value)
    assert sg.datasets.create(folder, tmp_path / "made", labels="none").label_size == 0


def test_two_sets_in_a_folder_are_refused(rng, tmp_path):
    folder, _ = nvidia(tmp_path / "set", rng)
    (folder / "other-r03.tfrecords").write_bytes((folder / "set-r03.tfrecords").read_bytes())
    with pytest.raises(sg.datasets.DatasetError, match="2 sets, other, set"):
        open_source(folder)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: data[:-1], "cut short after 4 images"),
        (lambda data: data[:5], "after 0 images"),
        (lambda data: data + b"more", "after 5 images"),
        (lambda data: b"", "no images"),
        (lambda data: b"text" * 20, "after 0 images"),
    ],
)
def test_damaged_files_are_refused(change, match, rng, tmp_path):
    folder, _ = nvidia(tmp_path / "set", rng)
    file = folder / "set-r03.tfrecords"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(sg.datasets.DatasetError, match=rf"set-r03\.tfrecords.*{match}"):
        open_source(folder)


def test_damaged_pixels_are_noticed_and_can_be_skipped(rng, tmp_path):
    folder, images = nvidia(tmp_path / "set", rng)
    file = folder / "set-r03.tfrecords"
    data = file.read_bytes()
    place = data.index(images[3].tobytes())
    file.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with pytest.raises(sg.datasets.DatasetError, match=r"1 of 5.*00000003\.png.*checksum"):
        sg.datasets.create(folder, tmp_path / "made")
    assert sg.datasets.create(folder, tmp_path / "made", skip_bad=True).num_images == 4


@pytest.mark.parametrize(
    ("records", "match"),
    [
        ([b"\xff"], "no tf.train.Example"),
        ([b""], "shape"),
        ([bytes(5_000_000)], "too long for an image"),
        ([record(np.zeros((3, 8), np.uint8))], "shape"),
        ([record(np.zeros((4, 8, 8), np.uint8))], "4×8×8"),
        ([record(np.zeros((3, 8, 4), np.uint8))], "3×8×4"),
        ([record(np.zeros((3, 6, 6), np.uint8))], "3×6×6"),
    ],
)
def test_other_records_are_refused(records, match, tmp_path):
    file = write(tmp_path / "other.tfrecords", records)
    with pytest.raises(sg.datasets.DatasetError, match=rf"other\.tfrecords.*{match}"):
        open_source(file)


def test_an_image_of_another_shape_is_refused_by_name(rng, tmp_path):
    images = [np.zeros((3, 8, 8), np.uint8), np.zeros((3, 4, 4), np.uint8)]
    file = write(tmp_path / "set-r03.tfrecords", map(record, images))
    with pytest.raises(sg.datasets.DatasetError, match=r"00000001\.png.*\(3, 4, 4\)"):
        sg.datasets.create(file, tmp_path / "made")
