"""Crops that show what noise does."""

import numpy as np
import pytest

from stylegan_tf.figures.zoom import liveliest, luminance, outlined, side_of


@pytest.mark.parametrize(("resolution", "side"), [(4, 4), (8, 8), (32, 8), (128, 16), (1024, 128)])
def test_a_crop_is_an_eighth_of_the_image(resolution, side):
    assert side_of(resolution) == side


def test_the_liveliest_square_has_the_largest_sum(rng):
    amount = rng.random([9, 9])
    sums = {(y, x): amount[y : y + 4, x : x + 4].sum() for y in range(6) for x in range(6)}
    assert liveliest(amount, 4) == max(sums, key=sums.get)


def test_the_whole_image_is_a_square_too():
    assert liveliest(np.ones([4, 4]), 4) == (0, 0)


@pytest.mark.parametrize("corner", [(0, 0), (5, 9), (12, 12)])
def test_a_frame_is_around_the_square_and_inside_the_image(corner):
    result = outlined(np.zeros([64, 64, 3], np.uint8), corner, 4, 4.0)
    red = (result == (255, 0, 0)).all(-1)
    assert red.any()
    assert ((result == 0).all(-1) | red).all()
    y, x = corner[0] * 4, corner[1] * 4
    inside = red[y + 2 : y + 14, x + 2 : x + 14]
    assert not inside.any()
    outside = red.copy()
    outside[max(y - 2, 0) : y + 18, max(x - 2, 0) : x + 18] = False
    assert not outside.any()


def test_luminance_is_that_of_pillow(rng):
    from PIL import Image

    image = rng.integers(0, 256, [5, 5, 3], np.uint8)
    pillows = np.asarray(Image.fromarray(image).convert("L"))
    assert np.abs(luminance(image) - pillows).max() <= 1
