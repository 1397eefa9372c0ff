"""How images are stored: JPEG as it came if nothing had to change, else PNG without loss."""

import io

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, noise, pixels, stored, write

CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def rotated():
    exif = Image.Exif()
    exif[0x0112] = 3
    return encoded(noise(8), "JPEG", exif=exif)


@pytest.mark.parametrize("resolution", [None, 8])
@pytest.mark.parametrize(
    ("format", "mode"),
    [("JPEG", "L"), ("JPEG", "RGB"), ("PNG", "L"), ("PNG", "RGB"), ("PNG", "RGBA")],
)
def test_an_image_that_needs_no_change_is_kept_byte_for_byte(format, mode, resolution, tmp_path):
    data = encoded(noise(8, mode=mode), format)
    source = write(tmp_path / "source", {"a.png": data})
    sg.datasets.create(source, tmp_path / "made", resolution, channels=CHANNELS[mode])
    assert stored(tmp_path / "made") == {"a.png": data}


@pytest.mark.parametrize(
    ("data", "arguments"),
    [
        (rotated(), {}),
        (encoded(noise(8, 10), "JPEG"), {"resolution": 8}),
        (encoded(noise(8), "JPEG"), {"resolution": 4}),
        (encoded(noise(8), "JPEG"), {"channels": 1}),
        (encoded(noise(8, mode="L"), "JPEG"), {}),
    ],
    ids=["rotated", "cut", "resized", "to grey", "from grey"],
)
def test_a_changed_jpeg_is_stored_as_png(data, arguments, tmp_path):
    source = write(tmp_path / "source", {"a.jpg": data})
    sg.datasets.create(source, tmp_path / "made", **arguments)
    assert Image.open(io.BytesIO(stored(tmp_path / "made")["a.jpg"])).format == "PNG"


@given(
    mode=st.sampled_from(sorted(CHANNELS)),
    colours=st.sampled_from([1, 2, 3, 16, 17, 255, 256, 257, 1000]),
    size=st.sampled_from([4, 16, 32]),
    seed=st.integers(0, 2**32 - 1),
)
def test_pixels_come_back_as_they_were(mode, colours, size, seed, tmp_path_factory):
    rng = np.random.default_rng(seed)
    palette = rng.integers(0, 256, (colours, CHANNELS[mode]), np.uint8)
    expected = palette[rng.integers(0, colours, (size, size))]
    folder = tmp_path_factory.mktemp("lossless")
    image = Image.fromarray(expected.squeeze(-1) if mode == "L" else expected)
    source = write(folder / "source", {"a.png": image})
    sg.datasets.create(source, folder / "made", channels=CHANNELS[mode])
    data = stored(folder / "made")["a.png"]
    np.testing.assert_array_equal(pixels(data, mode), expected.squeeze())
    np.testing.assert_array_equal(tf.io.decode_image(data, CHANNELS[mode]), expected)


def test_few_colours_are_stored_in_few_bytes(tmp_path):
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (16, 3), np.uint8)
    image = Image.fromarray(colours[rng.integers(0, 16, (64, 64))])
    source = write(tmp_path / "source", {"a.png": encoded(image.quantize(16))})
    sg.datasets.create(source, tmp_path / "made")
    assert len(stored(tmp_path / "made")["a.png"]) < 64 * 64  # 4 bits a pixel and some more


def test_a_jpeg_that_only_pillow_reads_is_not_kept(tmp_path):
    """A stray marker among the pixels: Pillow reads on behind it, TensorFlow does not always."""
    data = encoded(noise(16), "JPEG")
    files = {f"{n:03}.jpg": data[:-n] + b"\xff" + data[-n + 1 :] for n in range(10, 150)}
    source = write(tmp_path / "source", files)
    sg.datasets.create(source, tmp_path / "made", resolution=16, skip_bad=True)
    kept = stored(tmp_path / "made")
    assert any(kept[name] != files[name] for name in kept)
    for name, data in kept.items():
        assert tf.io.decode_image(data, 3).shape == (16, 16, 3), name
