"""Batch normalization, against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf.layers import BatchNorm
from weights import randomize

SHAPE = (4, 8, 8, 6)


def built(**arguments) -> BatchNorm:
    layer = BatchNorm(**arguments)
    layer.build(SHAPE)
    return randomize(layer)


def normalized(x, mean, variance, layer):
    """By the definition (Ioffe and Szegedy 2015, algorithm 1), in float64."""
    x, mean, variance = (np.asarray(one, np.float64) for one in (x, mean, variance))
    scale, bias = (np.asarray(one, np.float64) for one in (layer.scale, layer.bias))
    return (x - mean) / np.sqrt(variance + layer.epsilon) * scale + bias


@pytest.fixture
def x(rng):
    return (3 + 2 * rng.standard_normal(SHAPE)).astype(np.float32)


def test_a_call_takes_the_moving_averages(x):
    layer = built()
    expected = normalized(x, layer.moving_mean, layer.moving_variance, layer)
    assert_close(layer(x), expected, 1e-5)


def test_moments_are_those_of_the_batch_and_all_pixels(x):
    layer = built()
    mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
    for ours, theirs in zip(layer.moments(x), (mean, variance), strict=True):
        assert_close(ours, theirs, 1e-5)
    assert_close(layer(x, moments=layer.moments(x)), normalized(x, mean, variance, layer), 1e-5)


def test_without_moving_averages_each_batch_is_normalized_by_itself(x):
    layer = built(moving=False)
    expected = normalized(x, x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2)), layer)
    assert_close(layer(x), expected, 1e-5)
    assert len(layer.weights) == 2


def test_a_call_changes_nothing(x):
    layer = built()
    before = layer.get_weights()
    layer(x, moments=layer.moments(x))
    layer(x)
    for old, new in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_moments_are_not_rounded_to_the_type_of_the_policy(x, mixed_bfloat16):
    layer = built()
    halves = tf.cast(x, tf.bfloat16)
    mean, variance = layer.moments(halves)
    assert mean.dtype == variance.dtype == "float32"
    result = layer(halves, moments=(mean, variance))
    assert result.dtype == "bfloat16"
    expected = normalized(np.asarray(tf.cast(halves, tf.float32)), mean, variance, layer)
    assert_close(tf.cast(result, tf.float32), expected, 2**-8)


def test_moments_of_half_precision_are_float32():
    """The square of 300 is no float16."""
    x = tf.constant(300 * np.array([[1.0], [-1.0]]), tf.float16)
    mean, variance = BatchNorm.moments(x)
    assert variance.dtype == "float32"
    assert (float(mean[0]), float(variance[0])) == (0, 90_000)
