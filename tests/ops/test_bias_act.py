"""Bias and leaky ReLU."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from gradients import gradients, tf_gradients
from op_cases import IMPLEMENTATIONS, NO_COMPILED
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


@every_implementation
def test_slope_is_a_fifth_below_zero(implementation):
    y = ops.bias_act(tf.constant([[-3.0, 3.0]]), tf.constant([1.0, 1.0]), implementation)
    assert_close(y, [[-0.4, 4.0]], 1e-7)


@every_implementation
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_derivative_at_zero_is_one(dtype, implementation):
    """As published (DESIGN 2.1); that of tf.nn.leaky_relu is 0.2. Fresh biases are all zero."""
    x = tf.constant([[0.0, -0.0, 2.0, -1e-6]], dtype)
    b = tf.constant([0.0, 0.0, -2.0, 0.0], dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, b])
        y = ops.bias_act(x, b, implementation)
    for argument, shape in [(x, (1, 4)), (b, (4,))]:
        slopes = tf.cast(tape.gradient(y, argument), tf.float32)
        assert_close(slopes, np.reshape([1, 1, 1, 0.2], shape), 1e-3)


@every_implementation
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 5, 3), (2, 2, 2, 2, 3)])
def test_any_rank(shape, implementation, rng):
    x = rng.standard_normal(shape)
    y = ops.bias_act(tf.constant(x, tf.float32), tf.constant([0.5, 0.0, -0.5]), implementation)
    shifted = x + [0.5, 0.0, -0.5]
    assert_close(y, shifted.clip(0) + 0.2 * shifted.clip(None, 0), 1e-6)


def test_wrong_number_of_biases_is_refused():
    with pytest.raises(ValueError, match="b has 4 entries, but x has 3 channels"):
        ops.bias_act(tf.zeros([2, 3]), tf.zeros([4]))


@every_implementation
@pytest.mark.parametrize("images", [1, 3])
@pytest.mark.parametrize("channels", [3, 64])
def test_noise_of_all_images_and_of_each(images, channels, implementation, rng):
    """Tiles of the compiled op are pixels then, with channels that fill vectors or do not."""
    shapes = [(3, 4, 5, channels), (images, 4, 5, 1), (), (channels,)]
    values = [rng.standard_normal(shape, np.float32).astype(np.float64) for shape in shapes]
    weights = rng.standard_normal(shapes[0])

    def ours(x, noise, strength, b):
        return ops.bias_act(x, b, implementation, noise=noise, strength=strength)

    def total(x, noise, strength, b):
        return (oracles.bias_act(x + noise * strength, b) * weights).sum()

    tensors = [tf.constant(value, tf.float32) for value in values]
    x, noise, strength, b = values
    assert_close(ours(*tensors), oracles.bias_act(x + noise * strength, b), 1e-6)
    actual = tf_gradients(lambda *some: tf.reduce_sum(ours(*some) * weights), values)
    expected = gradients(lambda _, *some: total(x, *some), [np.zeros(0), *values[1:]])
    for one, other in zip(actual[1:], expected[1:], strict=True):
        assert_close(one, other, 1e-5)


@every_implementation
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_what_is_clamped_has_no_gradient(dtype, implementation):
    """Also where a type has not the bound itself: 0.8 becomes 0.7998 in float16."""
    x = tf.constant([[-9.0, -1.0, 0.2, 9.0]], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = ops.bias_act(x, tf.zeros([4]), implementation, gain=2.0, clamp=0.8)
    slopes = tape.gradient(y, x)
    assert_close(tf.cast(slopes, tf.float32), [[0, 0.4, 2, 0]], 1e-3)


def test_noise_without_its_strength_is_refused():
    with pytest.raises(ValueError, match="noise and strength belong together"):
        ops.bias_act(tf.zeros([1, 2, 2, 3]), tf.zeros([3]), noise=tf.zeros([1, 2, 2, 1]))


@NO_COMPILED
def test_noise_of_other_images_is_refused():
    x, noise = tf.zeros([2, 4, 4, 3]), tf.zeros([3, 4, 4, 1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="noise must be"):
        ops.bias_act(x, tf.zeros([3]), "compiled", noise=noise, strength=tf.ones([]))
