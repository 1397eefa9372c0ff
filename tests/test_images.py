"""Stored images and those of the networks."""

import numpy as np
import pytest
import tensorflow as tf

import published
from stylegan_tf.images import fade_reals, to_float, to_rgb, to_uint8


def test_uint8_conversion_is_the_published_one():
    arrays = published.variables("misc", "u8/")
    images = np.transpose(arrays["in"], [0, 2, 3, 1])
    np.testing.assert_array_equal(to_uint8(images), arrays["out_nhwc"])


def test_every_stored_value_survives_both_conversions():
    values = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_uint8(to_float(values)), values)


def test_white_is_1_and_black_is_minus_1():
    np.testing.assert_allclose(to_float(np.array([0, 255], np.uint8)), [-1, 1], atol=1e-7)


def test_values_beyond_the_range_saturate():
    values = tf.constant([-9.0, -1.2, 1.2, 9.0, -np.inf, np.inf])
    np.testing.assert_array_equal(to_uint8(values), [0, 0, 255, 255, 0, 255])


def test_bfloat16_is_converted_in_float32():
    values = tf.constant([0.5, -0.25], tf.bfloat16)
    np.testing.assert_array_equal(to_uint8(values), [191, 96])


@pytest.mark.parametrize("lod", published.LODS)
@pytest.mark.parametrize("variant", ["plain", "mirror"])
def test_real_images_are_shown_as_published(lod, variant):
    arrays = published.arrays("stylegan32")
    expected = arrays[f"out/process_reals/lod{lod}/{variant}"]
    where = published.resolution_and_fade(lod)
    reals = np.transpose(arrays["in/reals_u8"], [0, 2, 3, 1]).astype(np.float32)
    if variant == "mirror":  # drawn below a half: flipped
        drawn = arrays[f"out/process_reals/lod{lod}/mirror_rnd/00_process_reals_uniform"]
        reals = np.where(drawn < 0.5, reals, reals[:, :, ::-1])
    # Datasets hold means rounded to uint8; those that fade in are means of these, not rounded.
    reduced = np.rint(published.nhwc(np.transpose(reals, [0, 3, 1, 2]), where["resolution"]))
    shown = fade_reals(to_float(reduced), tf.constant(where["fade"], tf.float32))
    published.assert_matches(published.nchw(shown), expected, published.TOLERANCE / 10)


@pytest.mark.parametrize(("fade", "expected"), [(1.0, [0, 4]), (0.0, [2, 2]), (0.25, [1.5, 2.5])])
def test_reals_fade_from_their_means(fade, expected):
    column = tf.reshape(tf.tile([0.0, 4.0], [32]), [1, 8, 8, 1])
    shown = fade_reals(column, tf.constant(fade))
    np.testing.assert_allclose(shown[0, 3, :2, 0], expected)


def test_the_lowest_resolution_never_fades():
    images = tf.random.stateless_normal([2, 4, 4, 3], [1, 2])
    np.testing.assert_array_equal(fade_reals(images, tf.constant(0.3)), images)


def test_rgb_of_any_images():
    """Grey is repeated, RGB stays; transparent parts let white through, rounded in uint8 only."""
    grey = np.uint8([[[7]], [[9]]])
    np.testing.assert_array_equal(to_rgb(grey), grey.repeat(3, axis=-1))
    rgb = tf.random.normal([2, 4, 4, 3])
    np.testing.assert_array_equal(to_rgb(rgb), rgb)
    np.testing.assert_allclose(
        to_rgb([[[0.2, -0.4, 0.6, 1.0], [0.2, -0.4, 0.6, 0.0], [0.2, -0.4, 0.6, -1.5]]]),
        [[[0.2, -0.4, 0.6], [0.6, 0.3, 0.8], [1, 1, 1]]],
        atol=1e-6,
    )


def test_transparent_bytes_are_rounded(rng):
    image = rng.integers(256, size=(64, 64, 4), dtype=np.uint8)
    alpha = image[..., 3:] / 255
    expected = np.rint(image[..., :3] * alpha + 255 * (1 - alpha))
    np.testing.assert_array_equal(to_rgb(image), expected)
