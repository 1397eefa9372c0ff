"""Pixel norm and adaptive instance norm, against float64 and TensorFlow Addons."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.layers import AdaIN, PixelNorm
from weights import randomize


@pytest.mark.parametrize("shape", [(3, 7), (2, 4, 5, 3)])
def test_pixel_norm(shape, rng):
    x = rng.standard_normal(shape)
    expected = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-8)
    assert_close(PixelNorm()(tf.constant(x, tf.float32)), expected, 1e-6)


def test_pixel_norm_of_zero_is_zero():
    assert_close(PixelNorm()(tf.zeros([2, 3])), np.zeros([2, 3]), 0)


def test_epsilon_of_pixel_norm_is_inside_the_root():
    assert_close(PixelNorm(epsilon=3.0)(tf.ones([1, 4])), np.full([1, 4], 0.5), 1e-6)


def test_adain(rng):
    layer = AdaIN()
    x, w = rng.standard_normal((2, 5, 6, 3)), rng.standard_normal((2, 7))
    layer.build(x.shape, w.shape)
    randomize(layer)
    kernel, bias = (np.asarray(weight, np.float64) for weight in layer.weights)
    scale, shift = np.split((w @ kernel / np.sqrt(7) + bias)[:, None, None], 2, axis=-1)
    expected = oracles.instance_norm(x) * (scale + 1) + shift
    assert_close(layer(tf.constant(x, tf.float32), tf.constant(w, tf.float32)), expected, 1e-5)


def neutral(x, w):
    """AdaIN of x with a style of scale 1 and bias 0."""
    layer = AdaIN()
    layer.build(x.shape, w.shape)
    for weight in layer.weights:
        tf_variable(weight).assign(tf.zeros(weight.shape))
    return layer(x, w)


def test_adain_of_a_neutral_style_is_the_instance_norm_of_tensorflow_addons(rng):
    addons = pytest.importorskip("tensorflow_addons")
    norm = addons.layers.InstanceNormalization(epsilon=1e-8, center=False, scale=False)
    x = tf.constant(rng.standard_normal((3, 6, 5, 4)), tf.float32)
    assert_close(neutral(x, tf.ones([3, 2])), norm(x), 2e-6)


def test_adain_of_a_neutral_style_forgets_scale_and_offset_of_a_feature_map(rng):
    x = tf.constant(rng.standard_normal((2, 6, 5, 4)), tf.float32)
    assert_close(neutral(3 * x - 2, tf.ones([2, 2])), neutral(x, tf.ones([2, 2])), 1e-5)
