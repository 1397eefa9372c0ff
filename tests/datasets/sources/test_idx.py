"""IDX files: MNIST and its relatives, written here with struct and NumPy."""

import gzip
import struct

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import examples, pixels
from sizes_on_disk import sizes_on_disk
from stylegan_tf.datasets import sources
from stylegan_tf.datasets.sources import open_source

IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def idx(array: np.ndarray) -> bytes:
    """Returns the file of an array of bytes."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def mnist(folder, rng, count=6, shape=(28, 28), packed=False):
    """Writes a training set; returns the folder and its images and classes."""
    images = rng.integers(0, 256, (count, *shape), np.uint8)
    labels = np.arange(count, dtype=np.uint8) % 4
    folder.mkdir()
    for name, array in ((IMAGES, images), (LABELS, labels)):
        data = idx(array)
        (folder / f"{name}{'.gz' * packed}").write_bytes(gzip.compress(data) if packed else data)
    return folder, images, labels


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("given", ["folder", "file"])
def test_digits_stand_in_the_middle_of_32x32_black_pixels(given, packed, rng, tmp_path):
    source, images, labels = mnist(tmp_path / "mnist", rng, packed=packed)
    if given == "file":
        source = source / f"{IMAGES}{'.gz' * packed}"
    dataset = sg.datasets.create(source, tmp_path / "made")
    assert (dataset.resolution, dataset.channels, dataset.label_size) == (32, 1, 4)
    result = examples(tmp_path / "made")
    assert len(result) == len(images)
    for name, data, label in result:
        index = int(name.removesuffix(".png"))
        expected = np.pad(images[index], 2)
        np.testing.assert_array_equal(pixels(data, "L"), expected)
        assert label == np.eye(4)[labels[index]].tolist()


def test_an_image_that_is_square_and_a_power_of_two_gets_no_margin(rng, tmp_path):
    source, images, _ = mnist(tmp_path / "mnist", rng, shape=(16, 16))
    np.testing.assert_array_equal(open_source(source).array(2), images[2])


def test_uneven_images_are_padded_on_both_axes(rng, tmp_path):
    source, images, _ = mnist(tmp_path / "mnist", rng, shape=(5, 8))
    np.testing.assert_array_equal(open_source(source).array(1), np.pad(images[1], [(1, 2), (0, 0)]))


def test_rgb_on_request(rng, tmp_path):
    source, _, _ = mnist(tmp_path / "mnist", rng)
    assert sg.datasets.create(source, tmp_path / "made", channels=3).channels == 3


def test_labels_can_be_left_out(rng, tmp_path):
    source, _, _ = mnist(tmp_path / "mnist", rng)
    assert sg.datasets.create(source, tmp_path / "made", labels="none").label_size == 0


def test_without_a_file_of_labels_there_are_none(rng, tmp_path):
    source, _, _ = mnist(tmp_path / "mnist", rng)
    (source / LABELS).unlink()
    assert sg.datasets.create(source, tmp_path / "made").label_size == 0


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: data[:-1], "4703 bytes of numbers instead of 4704"),
        (lambda data: data + b"\0", "more than the 4704 bytes"),
        (lambda data: gzip.compress(data + b"\0"), "more than the 4704 bytes"),
        (lambda data: data[:10], "cannot be read"),
        (lambda data: idx(np.zeros((0, 28, 28), np.uint8)), "0 bytes"),
        (lambda data: idx(np.zeros((2, 1, 1025), np.uint8)), "1025×1.*1 to 1024"),
        (lambda data: data[:4] + b"\xff" * 12, "4294967295×4294967295.*1 to 1024"),
        (lambda data: gzip.compress(data)[:-9], "cannot be read"),
        (lambda data: gzip.compress(data)[:12] + bytes(9), "cannot be read"),
        (lambda data: b"text", "no IDX file of 3 dimensions"),
    ],
)
def test_damaged_images_are_refused(change, match, rng, tmp_path):
    source, _, _ = mnist(tmp_path / "mnist", rng)
    (source / IMAGES).write_bytes(change((source / IMAGES).read_bytes()))
    with pytest.raises(sg.datasets.DatasetError, match=f"{IMAGES}.*{match}") as caught:
        sg.datasets.create(source, tmp_path / "made")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("data", [idx(np.zeros(5, np.uint8)), b"", b"\0\0\x08\x01\0\0\0\x06\0"])
def test_damaged_labels_are_refused(data, rng, tmp_path):
    source, _, _ = mnist(tmp_path / "mnist", rng)
    (source / LABELS).write_bytes(data)
    with pytest.raises(sg.datasets.DatasetError, match=LABELS):
        sg.datasets.create(source, tmp_path / "made")


@pytest.mark.parametrize("name", [IMAGES, LABELS])
def test_no_more_is_unpacked_than_the_header_tells(name, rng, tmp_path, monkeypatch):
    """But a byte that shows that there is more, here 50 MB of zeros in 50 kB."""
    source, _, _ = mnist(tmp_path / "mnist", rng)
    data = (source / name).read_bytes()
    (source / f"{name}.gz").write_bytes(gzip.compress(data + bytes(50_000_000)))
    (source / name).unlink()
    unpacked = sizes_on_disk(monkeypatch, sources.idx)
    with pytest.raises(sg.datasets.DatasetError, match=rf"{name}\.gz has more than the"):
        sg.datasets.create(source, tmp_path / "made")
    header = 16 if name == IMAGES else 8
    assert unpacked[-1] == len(data) - header + 1
