"""Noise injection and its modes."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.layers import NoiseInjection

STRENGTH = np.array([0.0, 1.0, -2.0], np.float32)


@pytest.fixture
def layer():
    """A layer for [N, 8, 8, 3] whose strengths are those above."""
    made = NoiseInjection()
    made.build((None, 8, 8, 3))
    tf_variable(made.strength).assign(STRENGTH)
    return made


def test_strengths_start_at_zero(rng):
    x = tf.constant(rng.standard_normal((2, 8, 8, 3)), tf.float32)
    assert_close(NoiseInjection()(x, noise="random"), x, 0)


def test_constant_noise_is_the_stored_image_for_the_whole_batch(layer, rng):
    x = rng.standard_normal((2, 8, 8, 3)).astype(np.float32)
    expected = x + np.asarray(layer.constant) * STRENGTH
    assert_close(layer(x, noise="constant"), expected, 1e-6)
    assert_close(layer(x, noise="constant"), layer(x, noise="constant"), 0)


def test_the_stored_image_is_normally_distributed_and_not_trained():
    layer = NoiseInjection()
    layer.build((None, 128, 128, 1))
    assert np.std(layer.constant) == pytest.approx(1, rel=0.03)
    assert [tuple(weight.shape) for weight in layer.trainable_weights] == [(1,)]


@pytest.mark.parametrize("compiled", [False, True])
def test_random_noise_is_fresh_for_every_call_and_image(layer, compiled):
    call = tf.function(layer) if compiled else layer
    x = tf.zeros([2, 8, 8, 3])
    first, second = (call(x, noise="random").numpy() for _ in range(2))
    assert not np.allclose(first[..., 1:], second[..., 1:])
    assert not np.allclose(first[0, ..., 1:], first[1, ..., 1:])


def test_random_noise_is_one_normal_image_times_the_strengths(layer):
    y = layer(tf.zeros([100, 8, 8, 3]), noise="random").numpy()
    assert not np.any(y[..., 0])
    assert_close(y[..., 2], -2 * y[..., 1], 1e-6)
    assert y[..., 1].std() == pytest.approx(1, rel=0.05)
    assert abs(y[..., 1].mean()) < 0.07


def test_no_noise(layer, rng):
    x = tf.constant(rng.standard_normal((2, 8, 8, 3)), tf.float32)
    assert_close(layer(x, noise="none"), x, 0)


@pytest.mark.parametrize("images", [1, 2])
def test_given_noise(layer, images, rng):
    x, noise = rng.standard_normal((2, 8, 8, 3)), rng.standard_normal((images, 8, 8, 1))
    y = layer(tf.constant(x, tf.float32), noise=tf.constant(noise, tf.float32))
    assert_close(y, x + noise * STRENGTH, 1e-6)


def test_other_modes_are_refused(layer):
    with pytest.raises(ValueError, match="noise is 'loud'; it can be 'random', 'constant', 'none'"):
        layer(tf.zeros([1, 8, 8, 3]), noise="loud")
