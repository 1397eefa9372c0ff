"""`create(format="nvidia")`: the layout on which NVIDIA's code trains, byte for byte."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import stylegan_tf as sg
import vectors
from image_files import contents, encoded, examples, noise, pixels, several, write


def records(path) -> list[np.ndarray]:
    """Returns the images of a file, [C, H, W], as TensorFlow reads them."""
    spec = {
        "shape": tf.io.FixedLenFeature([3], tf.int64),
        "data": tf.io.FixedLenFeature([], "string"),
    }
    result = []
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        example = tf.io.parse_single_example(record, spec)
        data = np.frombuffer(example["data"].numpy(), np.uint8)
        result.append(data.reshape(example["shape"].numpy()))
    return result


def halves(image: np.ndarray, size: int) -> np.ndarray:
    """Returns an image [C, H, W] at a lower resolution, by the mean of blocks in float64."""
    channels, full, _ = image.shape
    step = full // size
    blocks = image.reshape(channels, size, step, size, step).astype(np.float64)
    return np.rint(blocks.mean(axis=(2, 4)))


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_every_level_is_the_mean_of_pixels(channels, mode, tmp_path):
    files = several(5, width=32, mode=mode)
    source = write(tmp_path / "source", files)
    made = sg.datasets.create(
        source, tmp_path / "set", channels=channels, seed=None, format="nvidia"
    )
    assert (made.num_images, made.resolution, made.channels) == (5, 32, channels)
    assert set(contents(tmp_path / "set")) == {f"set-r0{n}.tfrecords" for n in range(2, 6)}
    for exponent in range(2, 6):
        result = records(tmp_path / "set" / f"set-r0{exponent}.tfrecords")
        for image, original in zip(result, files.values(), strict=True):
            full = np.asarray(original).reshape(32, 32, channels).transpose(2, 0, 1)
            np.testing.assert_array_equal(image, halves(full, 2**exponent))


def test_halves_round_to_even(tmp_path):
    """Means of 0.5 and 1.5 at 4×4, and 0.5 from sums that would not be if 8×8 were rounded."""
    grey = np.zeros([8, 8], np.uint8)
    grey[0, :2], grey[0, 2:4], grey[1, 2:4] = 1, 1, 2
    source = write(tmp_path / "source", {"a.png": Image.fromarray(grey)})
    sg.datasets.create(source, tmp_path / "set", channels=1, format="nvidia")
    (image,) = records(tmp_path / "set" / "set-r02.tfrecords")
    assert image[0, 0, :2].tolist() == [0, 2]


def test_labels_are_a_numpy_file_of_one_hot_rows(tmp_path):
    files = {f"{n % 3}/{n}.png": noise(seed=n) for n in range(7)}
    source = write(tmp_path / "source", files)
    sg.datasets.create(source, tmp_path / "set", labels="folders", seed=None, format="nvidia")
    expected = np.eye(3, dtype=np.float32)[[int(name[0]) for name in sorted(files)]]
    saved = io.BytesIO()
    np.save(saved, expected)
    assert (tmp_path / "set" / "set-rxx.labels").read_bytes() == saved.getvalue()
    assert set(contents(tmp_path / "set")) == {
        "set-r02.tfrecords",
        "set-r03.tfrecords",
        "set-rxx.labels",
    }


def test_bad_images_leave_no_gap(tmp_path):
    source = write(tmp_path / "source", {**several(3), "01.png": b"text"})
    made = sg.datasets.create(source, tmp_path / "set", seed=None, skip_bad=True, format="nvidia")
    assert made.num_images == 2
    assert made.manifest["skipped"] == ["01.png is not a PNG, JPEG or WebP image"]
    assert len(records(tmp_path / "set" / "set-r03.tfrecords")) == 2


def test_the_pixels_of_a_jpeg_are_those_of_training(tmp_path):
    source = write(tmp_path / "source", {"a.jpg": encoded(noise(16), "JPEG")})
    sg.datasets.create(source, tmp_path / "set", format="nvidia")
    ours = sg.datasets.create(source, tmp_path / "ours")
    (image,) = records(tmp_path / "set" / "set-r04.tfrecords")
    np.testing.assert_array_equal(image.transpose(1, 2, 0), next(ours.images()))


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_reading_it_gives_the_same_images_and_labels(channels, mode, tmp_path):
    files = {f"{n % 2}/{n}.png": noise(16, mode=mode, seed=n) for n in range(6)}
    source = write(tmp_path / "source", files)
    options = {"channels": channels, "seed": None, "labels": "folders"}
    sg.datasets.create(source, tmp_path / "set", format="nvidia", **options)
    sg.datasets.create(tmp_path / "set", tmp_path / "back", seed=None)
    sg.datasets.create(source, tmp_path / "ours", **options)
    back, ours = examples(tmp_path / "back"), examples(tmp_path / "ours")
    for (_, data, label), (_, expected, expected_label) in zip(back, ours, strict=True):
        np.testing.assert_array_equal(pixels(data, mode), pixels(expected, mode))
        assert label == expected_label


@pytest.fixture
def reference():
    return vectors.file("tfrecords")


@pytest.mark.parametrize(("name", "channels"), [("rgb32", 3), ("gray16", 1)])
def test_nvidias_own_files_read_and_written_again_are_the_same(name, channels, reference, tmp_path):
    sg.datasets.create(reference / name, tmp_path / name, seed=None, format="nvidia")
    assert contents(tmp_path / name) == contents(reference / name)


def test_nvidias_own_files_follow_from_their_images(reference, tmp_path):
    with np.load(reference / "source.npz") as source:
        images, order = source["images_nchw_u8"], source["shuffled_order"]
    shuffled = images[order].transpose(0, 2, 3, 1)
    files = {f"{n:02}.png": Image.fromarray(image) for n, image in enumerate(shuffled)}
    folder = write(tmp_path / "source", files)
    sg.datasets.create(folder, tmp_path / "rgb32", seed=None, format="nvidia")
    assert contents(tmp_path / "rgb32") == contents(reference / "rgb32")
