"""Resampling, the layers of the synthesis network and the blocks of the discriminator."""

import math

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from stylegan_tf import layers
from stylegan_tf.layers.inputs import DenseInput, LearnedConstant
from weights import randomize

ROOT_2 = math.sqrt(2)


def float64(weight):
    return np.asarray(weight, np.float64)


def equalized(layer):
    """The 3×3 weights as they are used."""
    kernel = float64(layer.kernel)
    return kernel * ROOT_2 / math.sqrt(9 * kernel.shape[2])


@pytest.mark.parametrize(
    ("layer", "oracle"),
    [
        (layers.NearestUpsample, oracles.upsample),
        (layers.BoxDownsample, oracles.downsample),
        (layers.Blur, oracles.blur2d),
    ],
)
def test_resampling(layer, oracle, rng):
    x = rng.standard_normal((2, 4, 6, 3))
    assert_close(layer()(tf.constant(x, tf.float32)), oracle(x), 1e-6)


@pytest.mark.parametrize("blur", [True, False])
@pytest.mark.parametrize("pool_first", [True, False])
def test_discriminator_block(blur, pool_first, rng):
    """Progressive GAN takes means after bias and activation where it is not fused (DESIGN 2.11)."""
    block = layers.DiscriminatorBlock(4, 5, blur, pool_first)
    x = rng.standard_normal((2, 6, 4, 3))
    block.build(x.shape)
    randomize(block)
    hidden = oracles.bias_act(oracles.conv2d(x, equalized(block.conv0)), float64(block.conv0.bias))
    if blur:
        hidden = oracles.blur2d(hidden)
    y, bias = oracles.conv2d(hidden, equalized(block.conv1)), float64(block.conv1.bias)
    if pool_first:
        expected = oracles.bias_act(oracles.downsample(y), bias)
    else:
        expected = oracles.downsample(oracles.bias_act(y, bias))
    assert_close(block(tf.constant(x, tf.float32)), expected, 2e-6)


@pytest.mark.parametrize("blur", [True, False])
@pytest.mark.parametrize("use_noise", [True, False])
@pytest.mark.parametrize("use_styles", [True, False])
def test_synthesis_layer(use_styles, use_noise, blur, rng):
    layer = layers.SynthesisLayer(4, "up", blur, use_noise, use_styles)
    x, w = rng.standard_normal((2, 4, 3, 5)), rng.standard_normal((2, 6))
    layer.build(x.shape, w.shape)
    randomize(layer)
    y = oracles.upsample_conv2d(x, equalized(layer.source_layer))
    if blur:
        y = oracles.blur2d(y)
    if use_noise:
        y = y + float64(layer.noise.constant) * float64(layer.noise.strength)
    y = oracles.bias_act(y, float64(layer.bias))
    if use_styles:
        affine = layer.adain.affine
        style = w @ float64(affine.kernel) / math.sqrt(6) + float64(affine.bias)
        scale, shift = np.split(style[:, None, None], 2, axis=-1)
        expected = oracles.instance_norm(y) * (scale + 1) + shift
    else:
        expected = y / np.sqrt((y**2).mean(axis=-1, keepdims=True) + 1e-8)
    actual = layer(tf.constant(x, tf.float32), tf.constant(w, tf.float32), noise="constant")
    assert_close(actual, expected, 1e-5)


def test_unknown_source_is_refused():
    with pytest.raises(ValueError, match="source is 'thin air'; it can be one of constant, dense"):
        layers.SynthesisLayer(4, source="thin air")


def test_learned_constant_starts_at_one_and_repeats_for_the_batch(rng):
    layer = LearnedConstant(3)
    w = tf.constant(rng.standard_normal((2, 5)), tf.float32)
    assert_close(layer(w), np.ones([2, 4, 4, 3]), 0)
    randomize(layer)
    assert_close(layer(w), np.repeat(layer.constant, 2, axis=0), 0)


def test_dense_input_is_fed_as_by_a_convolution_of_4_by_4(rng):
    layer = DenseInput(3)
    w = rng.standard_normal((2, 5))
    layer.build(w.shape)
    kernel = float64(randomize(layer).weights[0]).reshape(5, 4, 4, 3)
    expected = np.einsum("ni,ihwc->nhwc", w, kernel) * ROOT_2 / 4 / math.sqrt(5)
    assert_close(layer(tf.constant(w, tf.float32)), expected, 1e-6)
