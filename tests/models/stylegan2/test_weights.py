"""How many weights there are, what fresh ones hold, which learn, and which are half."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close

# Published: trainable parameters of the generator and of the discriminator, and pixels of noise.
F, AUTO = {"mapping_layers": 8}, {"mapping_layers": 2}
COUNTS = [
    (256, 16384, F, 0, 30_034_338, 28_864_129, 174_736),
    (512, 16384, F, 0, 30_276_583, 28_982_849, 699_024),
    (1024, 16384, F, 0, 30_370_060, 29_012_513, 2_796_176),
    (256, 8192, F, 0, 24_767_458, 24_001_089, 174_736),
    (256, 8192, AUTO, 0, 23_191_522, 24_001_089, 174_736),
    (512, 16384, AUTO, 0, 28_700_647, 28_982_849, 699_024),
    (1024, 16384, AUTO, 0, 28_794_124, 29_012_513, 2_796_176),
    (128, 8192, AUTO, 0, 22_949_277, 23_882_369, 43_664),
    (64, 8192, AUTO, 0, 22_243_608, 23_407_361, 10_896),
    (256, 8192, F, 10, 25_035_234, 26_370_112, 174_736),
]
CIFAR = (20_215_315, 23_089_664, 2_704)


def parameters(network) -> int:
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


@pytest.fixture
def cheap_weights(monkeypatch):
    """Zeros in place of 30 million random numbers: only their count is looked at."""
    monkeypatch.setattr(
        keras.initializers, "RandomNormal", lambda **kwargs: keras.initializers.Zeros()
    )


@pytest.mark.usefixtures("cheap_weights")
@pytest.mark.parametrize(("size", "base", "mapping", "labels", "g", "d", "noise"), COUNTS)
def test_published_counts(size, base, mapping, labels, g, d, noise):
    generator = sg.StyleGAN2Generator(size, label_size=labels, fmap_base=base, **mapping)
    assert parameters(generator) == g
    assert sum(height * width for height, width in generator.noise_shapes()) == noise
    assert parameters(sg.StyleGAN2Discriminator(size, label_size=labels, fmap_base=base)) == d


@pytest.mark.usefixtures("cheap_weights")
def test_published_count_of_cifar():
    """Two mapping layers, and a discriminator without residual blocks."""
    g, d, noise = CIFAR
    generator = sg.StyleGAN2Generator(32, label_size=10, mapping_layers=2)
    assert parameters(generator) == g
    assert sum(height * width for height, width in generator.noise_shapes()) == noise
    arguments = {"label_size": 10, "architecture": "stylegan2-orig"}
    assert parameters(sg.StyleGAN2Discriminator(32, **arguments)) == d


def normal(values, deviation=1):
    """Mean and deviation are within 5 standard errors of N(0, deviation²)."""
    values = np.asarray(values, np.float64) / deviation
    assert abs(values.mean()) < 5 / np.sqrt(values.size)
    assert abs(values.std() - 1) < 5 / np.sqrt(2 * values.size)


def test_fresh_weights():
    generator = sg.StyleGAN2Generator(
        16, label_size=8, latent_size=32, w_size=32, mapping_units=32, fmap_max=16
    )
    synthesis = generator.synthesis
    normal(synthesis.constant.constant)
    normal(generator.mapping.embedding.kernel)
    for layer in generator.mapping.dense:
        normal(layer.kernel, 100)
        assert not np.any(layer.bias)
    for layer in synthesis.synthesis_layers:
        normal(layer.conv.kernel)
        normal(layer.conv.affine.kernel)
        assert np.all(np.asarray(layer.conv.affine.bias) == 1)
        assert not np.any(layer.bias)
        assert layer.noise.strength.shape == ()
        assert float(layer.noise.strength) == 0
        normal(layer.noise.constant)
    for layer in synthesis.to_rgb:
        normal(layer.kernel)
        assert np.all(np.asarray(layer.affine.bias) == 1)
        assert not np.any(layer.bias)
    assert not np.any(generator.w_avg)
    images = generator(tf.random.stateless_normal([16, 32], [1, 2]), noise="none")
    assert 0.3 < np.std(images) < 10


@pytest.mark.parametrize("form", ["skip", "resnet", "orig"])
def test_all_weights_learn_at_the_one_resolution(form):
    generator = tiny.generator2(architecture=f"stylegan2-{form}", label_size=3)
    discriminator = tiny.discriminator2(architecture=f"stylegan2-{form}", label_size=3)
    for network in (generator, discriminator):
        found = {id(variable) for variable in network.trainable_at(16)}
        assert found == {id(variable) for variable in network.trainable_variables}
    assert len(generator.grown_at(16)) == len(generator.trainable_variables)


@pytest.mark.parametrize(("form", "first"), [("skip", 2), ("resnet", 1), ("orig", 1)])
def test_frozen_blocks_do_not_learn(form, first):
    discriminator = tiny.discriminator2(architecture=f"stylegan2-{form}")
    discriminator.freeze(2, 16)
    assert not discriminator.block16.trainable_variables
    assert not discriminator.block8.trainable_variables
    learning = [layer for layer in discriminator.from_rgb if layer.trainable_variables]
    assert len(discriminator.from_rgb) - len(learning) == first
    assert discriminator.conv.trainable_variables
    with pytest.raises(ValueError, match="3 blocks cannot be frozen: .* 16×16 has 2 before"):
        discriminator.freeze(3, 16)


def test_half_precision_is_for_the_highest_resolutions(mixed_bfloat16):
    generator = tiny.generator2(half_resolutions=2)
    types = [layer.conv.compute_dtype for layer in generator.synthesis.synthesis_layers]
    assert types == ["float32"] + ["bfloat16"] * 4
    discriminator = tiny.discriminator2(half_resolutions=1)
    assert [block.compute_dtype for block in discriminator.blocks] == ["float32", "bfloat16"]
    assert discriminator.conv.compute_dtype == "float32"


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("form", ["skip", "resnet"])
def test_half_precision_is_near_float32(form, policy):
    networks = []
    for name in ("float32", policy):
        keras.mixed_precision.set_global_policy(name)
        try:
            arguments = {"architecture": f"stylegan2-{form}", "clamp": 256.0}
            networks.append([tiny.generator2(**arguments), tiny.discriminator2(**arguments)])
        finally:
            keras.mixed_precision.set_global_policy("float32")
    (generator, discriminator), half = networks
    images = generator(tiny.latents(), noise="constant")
    ours = half[0](tiny.latents(), noise="constant")
    assert ours.dtype == tf.float32
    assert_close(ours, images, 0.05 if policy == "mixed_bfloat16" else 0.01)
    logits = half[1](images)
    assert logits.dtype == tf.float32
    assert_close(logits, discriminator(images), 0.05 if policy == "mixed_bfloat16" else 0.01)
