"""Training takes StyleGAN2's networks: gradients of a step, transfer of weights, an estimate."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

import runs
import tiny
from stylegan_tf.training import estimate, transfer
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.networks import Networks


def config(architecture):
    """A small plan that does not grow."""
    made = runs.config(schedule={"start_resolution": 8})
    generator = dataclasses.replace(made.generator, architecture=architecture)
    return dataclasses.replace(made, generator=generator)


@pytest.mark.parametrize("architecture", ["stylegan2", "stylegan2-resnet"])
def test_every_weight_has_a_finite_gradient(architecture):
    """The discriminator's with R1; biases behind a batch of equal statistics may have 0."""
    plan = config(architecture)
    networks = Networks(plan, channels=3, label_size=2, statistics=[])
    gan = GAN(networks.generator, networks.discriminator, plan)
    assert gan.mixing_probability == 0.9
    fade, labels = tf.constant(1.0), tf.one_hot([0, 1, 0, 1], 2)
    reals = gan.reals(tf.cast(tiny.draw(4, 8, 8, 3) * 50 + 128, tf.uint8), fade)
    for network, gradients_of in enumerate([gan.discriminator_gradients, gan.generator_gradients]):
        inputs = gan.sample_inputs(0, network, 4, 8)
        result = gradients_of(inputs, reals, labels, fade, 8, 1.0)
        assert result.finite
        assert result.means[0].shape == (networks.generator.w_size,)
        shares = [bool(np.any(gradient)) for gradient in result.values]
        assert np.mean(shares) > 0.7  # strengths of noise are 0 in fresh networks, but learn


def test_weights_are_taken_from_another_network():
    source = tiny.generator2(architecture="stylegan2-resnet", label_size=3)
    target = tiny.generator2(architecture="stylegan2-resnet", label_size=3)
    for weight in target.weights:
        weight.assign(tf.zeros(weight.shape))
    transfer.to_generator(source, target)
    for ours, theirs in zip(target.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    source, target = tiny.discriminator2(label_size=3), tiny.discriminator2(label_size=3)
    for weight in target.weights:
        weight.assign(tf.zeros(weight.shape))
    transfer.to_discriminator(source, target)
    for ours, theirs in zip(target.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_estimate_counts_its_feature_maps():
    """The numbers that time and memory are in proportion to."""
    plan = config("stylegan2")
    maps = plan.generator.fmap_max
    state = SimpleNamespace(batch=2, resolution=8)
    assert estimate._features(plan, state) == 2 * maps * (16 + 64)
    assert estimate._work(plan, 8) == maps * maps * (16 + 64)
