"""What happens to an image on its way into a dataset."""

import io

import numpy as np
import pytest
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, noise, pixels, stored, write

pytestmark = pytest.mark.any_stack

MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def taken(image, tmp_path, channels=3, name="a.png", **arguments) -> np.ndarray:
    """Makes a dataset of one image and returns its pixels."""
    source = write(tmp_path / "source", {name: image})
    sg.datasets.create(source, tmp_path / "made", channels=channels, **arguments)
    data = stored(tmp_path / "made")[name]
    assert Image.open(io.BytesIO(data)).mode in (MODES[channels], "P")
    return pixels(data, MODES[channels])


def on_white(rgba) -> np.ndarray:
    """Composites by the formula."""
    rgba = np.asarray(rgba, np.float64)
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + 255 * (1 - alpha)


ORIENTATIONS = {
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_images_are_rotated_as_their_exif_says(format, orientation, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(noise(8), format, exif=exif)
    np.testing.assert_array_equal(taken(data, tmp_path), ORIENTATIONS[orientation](pixels(data)))


def test_a_camera_turns_before_the_middle_is_cut_out(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(noise(8, 12), exif=exif)
    expected = np.rot90(pixels(data), -1)[:, 2:10]
    np.testing.assert_array_equal(taken(data, tmp_path, resolution=8), expected)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_damaged_exif_does_not_matter(format, tmp_path):
    """Pillow raises SyntaxError when it transposes such a WebP."""
    data = encoded(noise(8), format, exif=b"Exif\0\0XXgarbage")
    np.testing.assert_array_equal(taken(data, tmp_path), pixels(data))


def test_transparency_becomes_white(tmp_path):
    rgba = noise(16, mode="RGBA")
    difference = taken(rgba, tmp_path) - on_white(rgba)
    assert np.abs(difference).max() <= 1  # Pillow rounds in its own way


def test_transparent_and_grey_becomes_white_and_grey(tmp_path):
    rgba = noise(16, mode="RGBA")
    grey = on_white(rgba) @ [0.299, 0.587, 0.114]
    assert np.abs(taken(rgba, tmp_path, channels=1) - grey).max() <= 2


def test_a_transparent_palette_entry_becomes_white(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((2, 1), 0)
    expected = np.full((4, 4, 3), [40, 50, 60])
    expected[1, 2] = 255
    actual = taken(encoded(image, transparency=0), tmp_path)
    np.testing.assert_array_equal(actual, expected)


def test_a_transparent_colour_becomes_white(tmp_path):
    image = Image.new("RGB", (4, 4), (1, 2, 3))
    image.putpixel((0, 3), (9, 9, 9))
    actual = taken(encoded(image, transparency=(1, 2, 3)), tmp_path)
    expected = np.full((4, 4, 3), 255)
    expected[3, 0] = 9
    np.testing.assert_array_equal(actual, expected)


def test_four_channels_keep_transparency(tmp_path):
    rgba = noise(8, mode="RGBA")
    np.testing.assert_array_equal(taken(rgba, tmp_path, channels=4), rgba)


def test_four_channels_of_an_opaque_image_are_opaque(tmp_path):
    rgb = noise(8)
    expected = np.dstack([np.asarray(rgb), np.full((8, 8), 255)])
    np.testing.assert_array_equal(taken(rgb, tmp_path, channels=4), expected)


def test_grey_becomes_three_equal_channels(tmp_path):
    grey = noise(8, mode="L")
    np.testing.assert_array_equal(taken(grey, tmp_path), np.dstack([np.asarray(grey)] * 3))


def test_colours_become_their_luma(tmp_path):
    rgb = noise(8)
    luma = np.asarray(rgb) @ [0.299, 0.587, 0.114]  # ITU-R BT.601
    assert np.abs(taken(rgb, tmp_path, channels=1) - luma).max() <= 1


def test_cmyk_becomes_rgb(tmp_path):
    cmyk = Image.new("CMYK", (8, 8), (255, 0, 0, 0))  # all cyan: no red
    actual = taken(encoded(cmyk, "JPEG", quality=100), tmp_path, name="a.jpg")
    assert np.abs(actual - np.array([0.0, 255, 255])).max() <= 3


def test_webp_is_decoded(tmp_path):
    image = noise(8)
    actual = taken(encoded(image, "WEBP", lossless=True), tmp_path, name="a.webp")
    np.testing.assert_array_equal(actual, image)


def test_the_jpeg_of_a_camera_with_a_preview_is_taken(tmp_path):
    data = encoded(noise(8), "MPO", save_all=True, append_images=[noise(4)])
    np.testing.assert_array_equal(taken(data, tmp_path, name="a.jpg"), pixels(data))


@pytest.mark.parametrize(
    ("width", "height", "rows", "columns"),
    [(12, 8, slice(8), slice(2, 10)), (8, 13, slice(2, 10), slice(8))],
)
def test_the_middle_is_cut_out(width, height, rows, columns, tmp_path):
    image = noise(width, height)
    actual = taken(image, tmp_path, resolution=8)
    np.testing.assert_array_equal(actual, np.asarray(image)[rows, columns])


@pytest.mark.parametrize("size", [23, 8, 4])
@pytest.mark.parametrize("channels", [1, 3])
def test_resizing_is_pillows_lanczos(channels, size, tmp_path):
    image = noise(size, mode=MODES[channels])
    expected = image.resize((8, 8), Image.Resampling.LANCZOS)
    actual = taken(image, tmp_path, channels=channels, resolution=8)
    np.testing.assert_array_equal(actual, expected)
