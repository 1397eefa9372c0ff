"""Images of any channels as RGB."""

import numpy as np
import pytest

from compare import assert_close
from stylegan_tf.images import to_float, to_rgb


@pytest.fixture
def images(rng):
    """By the number of channels."""
    return {c: rng.integers(0, 256, (5, 4, 6, c), np.uint8) for c in (1, 3, 4)}


def test_rgb_stays_as_it_is(images):
    np.testing.assert_array_equal(to_rgb(images[3]), images[3])


def test_grey_is_repeated(images):
    for channel in range(3):
        np.testing.assert_array_equal(to_rgb(images[1])[..., channel], images[1][..., 0])


def test_what_is_transparent_is_white(images):
    x = images[4].astype(float)
    alpha = x[..., 3:] / 255
    expected = x[..., :3] * alpha + 255 * (1 - alpha)
    assert np.abs(to_rgb(images[4]).numpy() - expected).max() <= 0.5 + 1e-4


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_floats_go_the_same_way(images, channels):
    expected = to_float(to_rgb(images[channels]))
    result = to_rgb(to_float(images[channels]))
    assert_close(result, expected, 0.5 / 127.5 + 1e-6)  # bytes were rounded


def test_alpha_beyond_its_range_is_opaque_or_transparent():
    x = np.array([[0.2, -0.4, 0.6, 1.7], [0.2, -0.4, 0.6, -1.2]], np.float32)[None, None]
    assert_close(to_rgb(x)[0, 0], [[0.2, -0.4, 0.6], [1, 1, 1]], 1e-6)
