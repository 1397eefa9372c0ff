"""Noise that stays noise."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf.projection import noise


def by_definition(image):
    """Appendix D of StyleGAN2, for one map [h, w], by loops in float64."""
    total, image = 0.0, image.astype(np.float64)
    while True:
        side = len(image)
        right = sum(image[y, x] * image[y, x - 1] for y in range(side) for x in range(side))
        down = sum(image[y, x] * image[y - 1, x] for y in range(side) for x in range(side))
        total += (right / side**2) ** 2 + (down / side**2) ** 2
        if side <= 8:
            return total
        image = (image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]) / 2


def test_regularization_is_that_of_the_paper(rng):
    maps = [rng.standard_normal((side, side)) for side in (4, 8, 16, 32)]
    expected = sum(by_definition(image) for image in maps)
    result = noise.regularization([tf.constant(m[None, ..., None], tf.float32) for m in maps])
    assert float(result) == pytest.approx(expected, rel=1e-4)


def test_a_network_without_noise_has_nothing_to_regularize():
    assert float(noise.regularization([])) == 0


def test_an_image_costs_more_than_noise(rng):
    image = rng.standard_normal((1, 32, 32, 1)).astype(np.float32)
    ramp = np.broadcast_to(np.linspace(-1.7, 1.7, 32, dtype=np.float32)[:, None], (1, 32, 32))
    costs = [float(noise.regularization([tf.constant(x)])) for x in (image, ramp[..., None])]
    assert costs[1] > 100 * costs[0]


def test_noise_is_renormalized(rng):
    variable = tf.Variable(3 + 5 * rng.standard_normal((1, 16, 16, 1)), dtype=tf.float32)
    noise.renormalize([variable])
    assert variable.numpy().mean() == pytest.approx(0, abs=1e-5)
    assert variable.numpy().std() == pytest.approx(1, abs=1e-5)
