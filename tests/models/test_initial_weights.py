"""What fresh networks hold (DESIGN 2.1 to 2.4), and what that makes of an image."""

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg

FEATURES = {"fmap_base": 512, "fmap_max": 64}


@pytest.fixture(scope="module")
def generator():
    return sg.Generator(32, label_size=64, latent_size=64, mapping_units=64, **FEATURES)


@pytest.fixture(scope="module")
def discriminator():
    return sg.Discriminator(32, **FEATURES)


def normal(values, deviation):
    """Mean and deviation are within 5 standard errors of N(0, deviation²)."""
    values = np.asarray(values, np.float64) / deviation
    count = values.size
    assert abs(values.mean()) < 5 / np.sqrt(count)
    assert abs(values.std() - 1) < 5 / np.sqrt(2 * count)


def test_mapping_weights_are_stored_at_100(generator):
    for layer in generator.mapping.dense:
        normal(layer.kernel, 100)
        assert not np.any(layer.bias)


def test_label_embedding_is_normal_and_not_scaled(generator):
    normal(generator.mapping.embedding.kernel, 1)
    assert generator.mapping.embedding.scale == pytest.approx(1)


def test_synthesis_weights_are_normal(generator):
    layers = generator.synthesis.synthesis_layers
    for layer in layers:
        normal(layer.adain.affine.kernel, 1)
        assert not np.any(layer.adain.affine.bias)
        assert not np.any(layer.bias)
    for layer in [*(layer.source_layer for layer in layers[1:]), *generator.synthesis.to_rgb]:
        normal(layer.kernel, 1)
    assert not any(np.any(layer.bias) for layer in generator.synthesis.to_rgb)


def test_constant_starts_at_one_and_w_avg_at_zero(generator):
    assert np.all(np.asarray(generator.synthesis.synthesis_layers[0].source_layer.constant) == 1)
    assert not np.any(generator.w_avg)


def test_noise_starts_with_no_strength_and_a_normal_image_a_layer(generator):
    layers = [layer.noise for layer in generator.synthesis.synthesis_layers]
    assert not any(np.any(noise.strength) for noise in layers)
    normal(np.concatenate([np.ravel(noise.constant) for noise in layers]), 1)


def test_dense_input_is_normal():
    synthesis = sg.Generator(4, architecture="a", **FEATURES).synthesis
    normal(synthesis.synthesis_layers[0].source_layer.dense.kernel, 1)


def test_discriminator_weights_are_normal(discriminator):
    blocks = discriminator.blocks
    convolutions = [layer for block in blocks for layer in (block.conv0, block.conv1)]
    head = [discriminator.conv, discriminator.dense0, discriminator.dense1]
    for layer in [*discriminator.from_rgb, *convolutions, *head]:
        normal(layer.kernel, 1)
        assert not np.any(layer.bias)


def test_two_networks_differ():
    first, second = (sg.Generator(4, latent_size=8, **FEATURES) for _ in range(2))
    assert not np.allclose(first.mapping.dense[0].kernel, second.mapping.dense[0].kernel)


def test_w_avg_and_the_stored_noise_are_not_trained(generator):
    frozen = {tuple(weight.shape) for weight in generator.non_trainable_weights}
    images = {(1, size, size, 1) for size in (4, 8, 16, 32)}
    assert frozen == {(512,)} | images
    assert len(generator.non_trainable_weights) == 1 + generator.num_ws


def test_a_fresh_generator_keeps_the_scale_of_its_feature_maps(generator):
    """Styles are N(0, 1) + 1 and N(0, 1): RGB values are of the order of 1, at any depth."""
    z = tf.random.stateless_normal([16, 64], [1, 2])
    for resolution in (4, 8, 16, 32):
        assert 0.3 < np.std(generator(z, resolution=resolution)) < 10


@pytest.mark.parametrize("noise", ["random", "constant", "none"])
@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_only_random_noise_changes_from_call_to_call(noise, strength):
    generator = sg.Generator(8, latent_size=8, **FEATURES)
    for layer in generator.synthesis.synthesis_layers:
        layer.noise.strength.assign(tf.fill(layer.noise.strength.shape, strength))
    z = tf.ones([1, 8])
    first, second = (generator(z, noise=noise).numpy() for _ in range(2))
    assert np.allclose(first, second, atol=1e-5) != (noise == "random" and strength == 1)
