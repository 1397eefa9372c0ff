"""What a batch holds: sizes, means over pixels, labels, mirrored images."""

import json

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
from image_files import encoded, noise, pixels, several, stored, write

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def make(folder, files, **arguments):
    return sg.datasets.create(write(folder / "source", files), folder / "made", **arguments)


def first(dataset, *arguments, **named):
    """Returns one batch as NumPy arrays."""
    return next(dataset.batches(*arguments, **named).as_numpy_iterator())


def halved(images, step):
    """Returns [..., h, w, C], means over squares in float64, rounded half to even."""
    *n, h, w, c = images.shape
    cells = images.astype(np.float64).reshape(*n, h // step, step, w // step, step, c)
    return np.rint(cells.mean(axis=(-4, -2)))


@pytest.mark.parametrize(
    ("channels", "resolution"), [(1, 4), (1, 16), (3, 4), (3, 8), (3, 32), (4, 16)]
)
def test_lower_resolutions_are_means_over_squares(channels, resolution, tmp_path):
    image = noise(32, mode=MODES[channels])
    dataset = make(tmp_path, {"a.png": image}, channels=channels)
    expected = np.asarray(image).reshape(1, 32, 32, channels)
    actual = first(dataset, resolution, 1)
    assert actual.dtype == np.uint8
    np.testing.assert_array_equal(actual, halved(expected, 32 // resolution))


def test_halves_are_rounded_to_even(tmp_path):
    rows = np.zeros((8, 8, 3), np.uint8)
    rows[0::2, 0::2] = np.arange(0, 32, 2).reshape(4, 4, 1)  # means of n / 2
    rows[1::2, 1::2] = 4
    image = tf.io.encode_png(rows).numpy()
    actual = first(make(tmp_path, {"a.png": image}), 4, 1)
    expected = [round((n + 4) / 4) for n in range(0, 32, 2)]  # Python rounds half to even
    assert actual[0, :, :, 0].ravel().tolist() == expected


@pytest.mark.parametrize("resolution", [2, 12, 64, -4])
def test_a_resolution_that_cannot_be_had_is_refused(resolution, tmp_path):
    dataset = make(tmp_path, several(1, width=32))
    with pytest.raises(sg.datasets.DatasetError, match=f"{resolution}.*power of two.*4 to 32"):
        dataset.batches(resolution)


def test_the_shape_of_a_batch_is_static(tmp_path):
    dataset = make(tmp_path, several(3))
    assert dataset.batches(4, 2).element_spec == tf.TensorSpec([2, 4, 4, 3], tf.uint8)


def test_a_jpeg_is_decoded_as_pillow_does(tmp_path):
    data = encoded(noise(16), "JPEG", quality=95)
    dataset = make(tmp_path, {"a.jpg": data})
    np.testing.assert_array_equal(first(dataset, batch_size=1)[0], pixels(data))


@pytest.mark.parametrize("resolution", [4, 8])
def test_labels_come_with_their_images(resolution, tmp_path):
    files = several(6)
    vectors = {name: [index, -index / 2] for index, name in enumerate(files)}
    (tmp_path / "labels.json").write_text(json.dumps(vectors))
    dataset = make(tmp_path, files, labels=tmp_path / "labels.json")
    stream = dataset.batches(resolution, 3)
    assert stream.element_spec[1] == tf.TensorSpec([3, 2], tf.float32)
    for images, labels in stream.take(4).as_numpy_iterator():
        for image, label in zip(images, labels, strict=True):
            expected = np.asarray(files[f"{int(label[0]):02}.png"])
            np.testing.assert_array_equal(image, halved(expected, 8 // resolution))
            assert label[1] == -label[0] / 2


def test_mirroring_flips_about_half_of_the_images_and_nothing_else(tmp_path):
    dataset = make(tmp_path, several(8))
    straight = first(dataset, batch_size=400, seed=3)
    mirrored = first(dataset, batch_size=400, seed=3, mirror=True)
    same = (mirrored == straight).all(axis=(1, 2, 3))
    flipped = (mirrored == straight[:, :, ::-1]).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(same, ~flipped)
    assert 150 < flipped.sum() < 250  # 5 standard deviations
    by_epoch = flipped.reshape(50, 8)
    assert (by_epoch != by_epoch[0]).any(axis=1).sum() > 40  # other ones in every epoch


@pytest.mark.parametrize("start", [21, 1024, 1030])
def test_mirroring_resumes_where_it_stopped(start, tmp_path):
    dataset = make(tmp_path, several(8))
    unbroken = first(dataset, batch_size=1050, mirror=True)
    resumed = first(dataset, batch_size=1050 - start, mirror=True, start_image=start)
    np.testing.assert_array_equal(resumed, unbroken[start:])


def test_a_strategy_distributes_the_stream(tmp_path):
    dataset = make(tmp_path, several(4))
    expected = first(dataset, batch_size=2, seed=5)
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    stream = strategy.distribute_datasets_from_function(
        lambda context: dataset.batches(batch_size=2, seed=5)
    )
    np.testing.assert_array_equal(next(iter(stream)), expected)


def test_every_stored_image_is_in_the_stream(tmp_path):
    dataset = make(tmp_path, several(5), shard_bytes=300)
    shown = {image.tobytes() for image in first(dataset, batch_size=5)}
    assert shown == {pixels(data).tobytes() for data in stored(tmp_path / "made").values()}
