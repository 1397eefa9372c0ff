"""Random numbers and images for augmentations."""

import numpy as np
import pytest
import tensorflow as tf

from stylegan_tf.training.random_inputs import RandomStream


@pytest.fixture
def stream():
    """Gives the random numbers of a step."""
    return lambda seed=0: RandomStream(tf.constant([seed, 7], tf.int64))


class Given:
    """Random numbers of NumPy: XLA would have others than TensorFlow."""

    def __init__(self):
        self.rng = np.random.default_rng(2)

    def uniform(self, shape):
        return tf.constant(self.rng.uniform(size=tf.get_static_value(shape)), tf.float32)

    def normal(self, shape):
        return tf.constant(self.rng.normal(size=tf.get_static_value(shape)), tf.float32)


@pytest.fixture
def given():
    """Gives the same random numbers everywhere."""
    return Given


@pytest.fixture
def images():
    """Gives random images of a number of channels."""
    return lambda channels=3, count=6, size=8: tf.constant(
        np.random.default_rng(1).uniform(-1, 1, [count, size, size, channels]), tf.float32
    )
