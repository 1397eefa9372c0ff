"""Noise, bias, leaky ReLU, instance norm and style in one op."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from op_cases import IMPLEMENTATIONS
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def normal(rng, *shape):
    return tf.constant(rng.standard_normal(shape), tf.float32)


@every_implementation
def test_one_noise_image_serves_the_whole_batch(implementation, rng):
    x, noise, style = normal(rng, 3, 4, 5, 2), normal(rng, 1, 4, 5, 1), normal(rng, 3, 4)
    strength, bias = normal(rng, 2), normal(rng, 2)
    y = ops.style_epilogue(x, noise, strength, bias, style, implementation)
    repeated = tf.repeat(noise, 3, axis=0)
    assert_close(y, ops.style_epilogue(x, repeated, strength, bias, style), 1e-6)


@every_implementation
def test_noise_can_be_left_out(implementation, rng):
    x, bias, style = normal(rng, 2, 4, 4, 3), normal(rng, 3), normal(rng, 2, 6)
    y = ops.style_epilogue(x, None, None, bias, style, implementation)
    zero = np.zeros([1, 1, 1, 1])
    expected = oracles.style_epilogue(x.numpy(), zero, np.zeros(3), bias.numpy(), style.numpy())
    assert_close(y, expected, 1e-5)


@every_implementation
def test_feature_maps_get_the_deviation_and_the_mean_of_their_style(implementation, rng):
    x, bias, style = normal(rng, 2, 8, 8, 3), normal(rng, 3), normal(rng, 2, 6)
    y = ops.style_epilogue(x, None, None, bias, style, implementation).numpy()
    assert_close(y.mean(axis=(1, 2)), style[:, 3:], 1e-5)
    assert_close(y.std(axis=(1, 2)), np.abs(style[:, :3] + 1), 1e-5)


@every_implementation
@pytest.mark.parametrize("sides", [(1, 1), (4, 4)])
def test_constant_feature_maps_become_the_bias_of_the_style(sides, implementation, rng):
    """The learned input starts as a constant: nothing to normalize, and nothing to divide by."""
    style = normal(rng, 2, 6)
    x = tf.ones([2, *sides, 3])
    y = ops.style_epilogue(x, None, None, tf.zeros([3]), style, implementation)
    assert_close(y, np.broadcast_to(style[:, None, None, 3:], x.shape), 1e-6)


@every_implementation
def test_statistics_are_float32_in_half_precision(implementation, rng):
    """100 ± 0.5 in bfloat16 has two values; sums of a thousand of them need more bits."""
    x = tf.cast(100 + tf.constant(rng.choice([-0.5, 0.5], (1, 32, 32, 1))), tf.bfloat16)
    y = ops.style_epilogue(x, None, None, tf.zeros([1]), tf.zeros([1, 2]), implementation)
    expected = oracles.instance_norm(tf.cast(x, tf.float64).numpy())
    assert_close(tf.cast(y, tf.float64), expected, 1e-2)


@every_implementation
def test_noise_finer_than_half_precision_is_not_lost(implementation, rng):
    """bfloat16 has no number between 100 and 100.5."""
    x, noise = tf.fill([1, 8, 8, 1], tf.constant(100, tf.bfloat16)), normal(rng, 1, 8, 8, 1)
    strength = tf.constant([0.01])
    y = ops.style_epilogue(x, noise, strength, tf.zeros([1]), tf.zeros([1, 2]), implementation)
    expected = oracles.instance_norm(noise.numpy().astype(np.float64))
    assert_close(tf.cast(y, tf.float64), expected, 1e-2)


@every_implementation
def test_slope_at_zero_is_one(implementation):
    """Noise strengths and biases start at 0, so that exact zeros are common."""
    x = tf.constant([[[[0.0], [1.0]], [[-1.0], [2.0]]]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = ops.style_epilogue(x, None, None, tf.zeros([1]), tf.zeros([1, 2]), implementation)
        top = y[0, 0, 0, 0]
    above = oracles.instance_norm(oracles.leaky_relu(x.numpy() + _one_pixel(1e-4)))
    below = oracles.instance_norm(oracles.leaky_relu(x.numpy().astype(np.float64)))
    slope = (above - below)[0, 0, 0, 0] / 1e-4
    assert float(tape.gradient(top, x)[0, 0, 0, 0]) == pytest.approx(slope, rel=1e-3)


def _one_pixel(value):
    x = np.zeros([1, 2, 2, 1])
    x[0, 0, 0, 0] = value
    return x


@pytest.mark.parametrize(("bias", "style"), [((4,), (2, 6)), ((3,), (2, 3))])
def test_arguments_that_do_not_fit_the_channels_are_refused(bias, style):
    with pytest.raises(ValueError, match=r"bias must be \[3\] and style \[N, 6\]"):
        ops.style_epilogue(tf.zeros([2, 4, 4, 3]), None, None, tf.zeros(bias), tf.zeros(style))
