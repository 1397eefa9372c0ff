"""Optimizers: Adam as published, others by name, and their reset."""

import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf

import published
from stylegan_tf.backend_compat import KERAS_3, tf_variable
from stylegan_tf.training import optimizers
from stylegan_tf.training.config import OptimizerConfig
from stylegan_tf.training.gan import all_finite

ADDONS = importlib.util.find_spec("tensorflow_addons") is not None
OF_ADDONS = ["tfa>LAMB", "tfa>AdaBelief", "tfa>Lookahead", "tfa>NovoGrad"] if ADDONS else []
NADAM = ["Nadam"] if KERAS_3 else []  # that of Keras 2 keeps a part of its state to itself


def variable(values) -> tf.Variable:
    """A variable such as the stack's layers have."""
    value = np.asarray(values, np.float32)
    return keras.Variable(value) if KERAS_3 else tf.Variable(value)


def published_adam(beta_1: float) -> tuple[np.ndarray, np.ndarray]:
    """Values after each step, and what they should be.

    The gradients of step 4 hold a NaN, so that nothing moves; before step 6 came a reset.
    """
    arrays = published.variables("misc", f"adam/b1_{beta_1}/")
    moved = variable(arrays["init"])
    made_of = ("Adam", OptimizerConfig(beta_1=beta_1), [moved])
    optimizer = optimizers.make(*made_of)
    values = []
    for step, (gradient, rate) in enumerate(zip(arrays["grads"], arrays["lr"], strict=True)):
        if step == 6:
            optimizers.reset(optimizer, *made_of)
        optimizer.learning_rate.assign(rate)
        gradient = tf.constant(gradient)
        if all_finite([gradient]):
            optimizer.apply_gradients([(gradient, moved)])
        values.append(tf_variable(moved).numpy())
    return np.array(values), arrays["values_after"]


@pytest.mark.parametrize("beta_1", [0.0, 0.9])
def test_adam_is_the_published_one(beta_1):
    values, expected = published_adam(beta_1)
    np.testing.assert_allclose(values, expected, rtol=3e-7, atol=0)


def classic_adam(values, gradients, rate, beta_1, beta_2=0.99, epsilon=1e-8):
    """Kingma and Ba 2014, the form at the end of section 2, in float64."""
    values, m, v = np.array(values, np.float64), 0.0, 0.0
    for step, gradient in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        corrected = rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
        values -= corrected * m / (np.sqrt(v) + epsilon)
    return values


@pytest.mark.parametrize("beta_1", [0.0, 0.5])
def test_adam_is_the_classic_form_in_which_epsilon_is_not_corrected(beta_1, rng):
    gradients = rng.standard_normal([6, 4]) * [1, 1e-3, 1e-8, 1e-9]
    moved = variable(np.ones(4))
    optimizer = optimizers.make("Adam", OptimizerConfig(beta_1=beta_1), [moved])
    optimizer.learning_rate.assign(0.01)
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant(gradient, tf.float32), moved)])
    expected = classic_adam(np.ones(4), gradients, 0.01, beta_1)
    np.testing.assert_allclose(tf_variable(moved).numpy(), expected, rtol=1e-6)


def two_steps(optimizer, moved, rate=0.125) -> np.ndarray:
    """Where a variable comes from 1 in two steps."""
    tf_variable(moved).assign(tf.ones_like(tf_variable(moved)))
    optimizer.learning_rate.assign(rate)
    for gradient in ([0.5, -2.0], [0.25, -1.0]):
        optimizer.apply_gradients([(tf.constant(gradient), moved)])
    return tf_variable(moved).numpy()


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "SGD", "Nadam", "Adamax", *OF_ADDONS])
def test_an_optimizer_of_keras_steps_against_the_gradient(name):
    moved = variable([1, 1])
    optimizer = optimizers.make(name, OptimizerConfig(), [moved])
    after = two_steps(optimizer, moved)
    assert after[0] < 1 < after[1]


def test_sgd_is_a_step_along_the_gradient():
    moved = variable([1, 1])
    optimizer = optimizers.make("SGD", OptimizerConfig(), [moved])
    np.testing.assert_allclose(two_steps(optimizer, moved), [1 - 0.75 / 8, 1 + 3.0 / 8])


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "Adagrad", *NADAM, *OF_ADDONS])
def test_after_a_reset_an_optimizer_steps_as_a_new_one(name):
    moved = variable([1, 1])
    made_of = (name, OptimizerConfig(beta_1=0.9), [moved])
    optimizer = optimizers.make(*made_of)
    first, second = two_steps(optimizer, moved), two_steps(optimizer, moved)
    assert not np.array_equal(first, second)
    tf_variable(moved).assign([1, 1])
    optimizers.reset(optimizer, *made_of)
    assert float(optimizer.learning_rate) == 0.125
    for again in (first, second):
        np.testing.assert_array_equal(two_steps(optimizer, moved), again)


@pytest.mark.parametrize("name", ["Adamm", "get", "Optimizer", "schedules", "legacy", "adam", ""])
def test_an_unknown_optimizer_is_refused(name):
    with pytest.raises(ValueError, match=f"no optimizer {name!r}; did you mean '\\w+'") as caught:
        optimizers.make(name, OptimizerConfig(), [variable([1, 1])])
    assert f"mean {name!r}" not in str(caught.value)


@pytest.mark.skipif(not ADDONS, reason="TensorFlow Addons is not installed")
def test_an_unknown_optimizer_of_addons_is_refused():
    with pytest.raises(ValueError, match="no optimizer 'tfa>Lookahed'"):
        optimizers.make("tfa>Lookahed", OptimizerConfig(), [variable([1, 1])])


@pytest.mark.skipif(ADDONS, reason="TensorFlow Addons is installed")
def test_without_addons_its_optimizers_are_refused_with_the_extra_to_install():
    with pytest.raises(ValueError, match=r"tfa>LAMB needs the extra.*\[addons\]"):
        optimizers.make("tfa>LAMB", OptimizerConfig(), [variable([1, 1])])
