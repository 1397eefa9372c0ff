"""Dense layers and convolutions with equalized learning rate, against float64."""

import math

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from stylegan_tf.layers import EqualizedConv2D, EqualizedDense
from weights import randomize


def weights(layer):
    """Kernel and bias as float64."""
    return [np.asarray(weight, np.float64) for weight in (layer.kernel, layer.bias)]


@pytest.mark.parametrize("multiplier", [1.0, 0.01])
@pytest.mark.parametrize("gain", [math.sqrt(2), 1.0])
def test_dense(gain, multiplier, rng):
    layer = EqualizedDense(5, gain=gain, lr_multiplier=multiplier)
    x = rng.standard_normal((3, 7))
    layer.build(x.shape)
    kernel, bias = weights(randomize(layer))
    expected = x @ (kernel * gain / math.sqrt(7) * multiplier) + bias * multiplier
    assert_close(layer(tf.constant(x, tf.float32)), expected, 1e-6)


def test_dense_can_leave_its_bias_to_the_caller(rng):
    layer = EqualizedDense(5, lr_multiplier=0.01)
    x = tf.constant(rng.standard_normal((3, 7)), tf.float32)
    layer.build(x.shape)
    randomize(layer)
    assert_close(layer(x), layer(x, add_bias=False) + layer.scaled_bias(), 1e-6)
    assert_close(layer.scaled_bias(), 0.01 * np.asarray(layer.bias), 1e-6)


@pytest.mark.parametrize(
    ("resample", "oracle"),
    [
        (None, oracles.conv2d),
        ("up", oracles.upsample_conv2d),
        ("down", oracles.conv2d_downsample),
    ],
)
@pytest.mark.parametrize(("size", "gain"), [(3, math.sqrt(2)), (1, 1.0)])
def test_convolution(size, gain, resample, oracle, rng):
    layer = EqualizedConv2D(5, size, gain, resample)
    x = rng.standard_normal((2, 4, 6, 3))
    layer.build(x.shape)
    kernel, bias = weights(randomize(layer))
    expected = oracle(x, kernel * gain / math.sqrt(size * size * 3)) + bias
    assert_close(layer(tf.constant(x, tf.float32)), expected, 1e-6)
    without = layer(tf.constant(x, tf.float32), add_bias=False)
    assert_close(without, expected - bias, 1e-6)


@pytest.mark.parametrize("layer", [EqualizedDense, EqualizedConv2D])
def test_without_a_bias_there_is_one_weight(layer):
    made = layer(5, use_bias=False)
    made.build((None, 4, 4, 3) if layer is EqualizedConv2D else (None, 3))
    assert len(made.weights) == 1


def test_unknown_resampling_is_refused():
    with pytest.raises(ValueError, match="resample is 'sideways'; it can be one of None, 'up', "):
        EqualizedConv2D(3, resample="sideways")


@pytest.mark.parametrize(
    ("layer", "shape", "deviation"),
    [
        (EqualizedDense(200), (None, 300), 1),
        (EqualizedDense(200, lr_multiplier=0.01), (None, 300), 100),
        (EqualizedConv2D(100), (None, 4, 4, 60), 1),
    ],
)
def test_weights_are_stored_at_one_over_the_multiplier(layer, shape, deviation):
    """Over 50,000 samples the deviation is within 5 standard errors, 1.6 %; the mean within 2 %."""
    layer.build(shape)
    kernel, bias = weights(layer)
    assert kernel.std() == pytest.approx(deviation, rel=0.016)
    assert abs(kernel.mean()) < 0.023 * deviation
    assert not np.any(bias)


@pytest.mark.parametrize("multiplier", [1.0, 0.01])
def test_a_fresh_layer_keeps_the_variance_whatever_the_multiplier(multiplier, rng):
    layer = EqualizedDense(300, gain=1.0, lr_multiplier=multiplier)
    y = layer(tf.constant(rng.standard_normal((200, 400)), tf.float32))
    assert np.std(y) == pytest.approx(1, rel=0.05)
