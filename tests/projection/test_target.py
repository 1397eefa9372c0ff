"""The image that is sought, and images as LPIPS sees them."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import tiny
from stylegan_tf.projection import read_target
from stylegan_tf.projection.target import seen


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_an_image_of_the_right_size_is_read_as_it_is(channels, rng, tmp_path):
    image = rng.integers(256, size=(16, 16, channels), dtype=np.uint8)
    Image.fromarray(image[..., 0] if channels == 1 else image).save(tmp_path / "a.png")
    result = read_target(tmp_path / "a.png", tiny.generator(channels=channels))
    np.testing.assert_array_equal(result, image)


def test_the_middle_square_is_taken(tmp_path):
    image = np.zeros((32, 96, 3), np.uint8)
    image[:, 32:64] = 200
    Image.fromarray(image).save(tmp_path / "a.png")
    result = read_target(tmp_path / "a.png", tiny.generator())
    np.testing.assert_array_equal(result, np.full((16, 16, 3), 200))


def test_a_file_that_is_no_image_is_refused(tmp_path):
    (tmp_path / "a.png").write_text("text")
    with pytest.raises(ValueError, match="a.png is not a PNG, JPEG or WebP image"):
        read_target(tmp_path / "a.png", tiny.generator())


@pytest.mark.parametrize(("side", "expected"), [(8, 64), (64, 64), (128, 128), (512, 256)])
def test_lpips_sees_64_to_256_pixels(side, expected):
    image = tf.random.normal([1, side, side, 3])
    result = seen(image)
    assert result.shape == (1, expected, expected, 3)
    assert float(tf.reduce_mean(result)) == pytest.approx(float(tf.reduce_mean(image)), abs=1e-5)


def test_grey_is_repeated_and_what_is_transparent_is_white():
    np.testing.assert_array_equal(seen(tf.fill([1, 64, 64, 1], 0.5)), np.full((1, 64, 64, 3), 0.5))
    clear = tf.concat([-tf.ones([1, 64, 64, 3]), -tf.ones([1, 64, 64, 1])], -1)
    np.testing.assert_array_equal(seen(clear), np.ones((1, 64, 64, 3)))
