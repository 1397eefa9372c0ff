"""Images that are not square: letterboxed with recorded margins, and CelebA's faces."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, manifest, noise, pixels, shards, stored, write

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def made(image, tmp_path, **arguments) -> np.ndarray:
    """Returns the pixels of the only image of a dataset, made in `tmp_path / "made"`."""
    source = write(tmp_path / "source", {"a.png": image})
    dataset = sg.datasets.create(source, tmp_path / "made", **arguments)
    return pixels(stored(tmp_path / "made")["a.png"], MODES[dataset.channels])


def margins(path) -> list[int]:
    """Returns the margins that the only example records."""
    (record,) = tf.data.TFRecordDataset([str(file) for file in shards(path)]).as_numpy_iterator()
    return list(tf.train.Example.FromString(record).features.feature["margins"].int64_list.value)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(8, 4, [0, 2, 0, 2]), (3, 8, [2, 0, 3, 0]), (8, 7, [0, 0, 0, 1])],
)
@pytest.mark.parametrize("channels", MODES)
def test_a_letterboxed_image_stands_whole_between_margins(
    width, height, expected, channels, tmp_path
):
    image = noise(width, height, MODES[channels])
    square = made(image, tmp_path, resolution=8, crop="letterbox", channels=channels)
    assert margins(tmp_path / "made") == expected
    left, top, right, bottom = expected
    inside = square[top : 8 - bottom, left : 8 - right]
    np.testing.assert_array_equal(inside, np.asarray(image))
    assert np.count_nonzero(square) == np.count_nonzero(inside)  # black, or transparent


def test_the_manifest_says_that_there_are_margins(tmp_path):
    made(noise(8, 4), tmp_path, resolution=8, crop="letterbox")
    assert manifest(tmp_path / "made")["margins"] is True


def test_without_letterbox_there_are_none(tmp_path):
    made(noise(8, 4), tmp_path, resolution=4)
    assert "margins" not in manifest(tmp_path / "made")
    assert margins(tmp_path / "made") == []


def test_a_square_image_has_no_margins(tmp_path):
    made(noise(8), tmp_path, crop="letterbox")
    assert margins(tmp_path / "made") == []


@pytest.mark.parametrize(("width", "height", "inner"), [(30, 20, (16, 11)), (7, 14, (8, 16))])
def test_letterboxing_resizes_the_longer_edge_with_lanczos(width, height, inner, tmp_path):
    image = noise(width, height)
    square = made(image, tmp_path, resolution=16, crop="letterbox")
    left, top, right, bottom = margins(tmp_path / "made")
    expected = np.asarray(image.resize(inner, Image.Resampling.LANCZOS))
    np.testing.assert_array_equal(square[top : 16 - bottom, left : 16 - right], expected)


def test_of_the_thinnest_image_a_row_is_left(tmp_path):
    made(noise(500).crop((0, 0, 500, 1)), tmp_path, resolution=8, crop="letterbox")
    assert margins(tmp_path / "made") == [0, 3, 0, 4]


@pytest.mark.parametrize("name", ["img_align_celeba/000001.jpg", "000001.png"])
def test_celebas_face_is_the_published_square(name, tmp_path):
    image = noise(178, 218)
    data = encoded(image, "JPEG" if name.endswith("jpg") else "PNG", quality=95)
    source = write(tmp_path / "source", {name: data})
    sg.datasets.create(source, tmp_path / "made", resolution=128, crop="celeba")
    # 64 pixels to all sides of (89, 121).
    expected = pixels(data)[121 - 64 : 121 + 64, 89 - 64 : 89 + 64]
    np.testing.assert_array_equal(pixels(stored(tmp_path / "made")[name]), expected)


@pytest.mark.parametrize("size", [(178, 178), (218, 178), (128, 128)])
def test_celebas_face_is_in_no_other_image(size, tmp_path):
    source = write(tmp_path / "source", {"a.png": noise(*size)})
    match = rf"a\.png is {size[0]}×{size[1]}, not 178×218"
    with pytest.raises(sg.datasets.DatasetError, match=match):
        sg.datasets.create(source, tmp_path / "made", resolution=128, crop="celeba")
