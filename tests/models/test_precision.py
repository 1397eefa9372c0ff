"""Networks under a mixed-precision policy: convolutions in bfloat16, the rest in float32."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from stylegan_tf.models import synthesis

every_architecture = pytest.mark.parametrize("architecture", "abcdef")


EXACT = synthesis.FLOAT32_MAX_RESOLUTION


@pytest.fixture(autouse=True)
def networks_of_16_have_a_block_in_halves(monkeypatch):
    monkeypatch.setattr(synthesis, "FLOAT32_MAX_RESOLUTION", 8)


def relative_error(actual, expected):
    """Root mean square of the difference, over that of the expected numbers."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    return np.sqrt(np.mean((actual - expected) ** 2) / np.mean(expected**2))


def copies(make, **arguments):
    """The same network in float32 and under the policy."""
    mixed = make(**arguments)
    keras.mixed_precision.set_global_policy("float32")
    single = make(**arguments)
    single.set_weights(mixed.get_weights())
    return single, mixed


@every_architecture
def test_images_are_float32_and_nearly_the_same(architecture, mixed_bfloat16):
    single, mixed = copies(tiny.generator, architecture=architecture)
    results = [network(tiny.latents(), noise="constant") for network in (single, mixed)]
    assert results[1].dtype == "float32"
    assert 0 < relative_error(results[1], results[0]) < 0.05


def test_blocks_of_few_pixels_stay_in_float32(mixed_bfloat16):
    """Two layers of 4×4, two of 8×8."""
    layers = tiny.generator().synthesis.synthesis_layers
    dtypes = [layer.source_layer.compute_dtype for layer in layers]
    assert dtypes == ["float32"] * 4 + ["bfloat16"] * (len(layers) - 4)


def test_larger_images_are_within_1_percent_of_what_is_shown(mixed_bfloat16, monkeypatch):
    """Of [-1, 1], with the blocks in float32 that users have."""
    monkeypatch.setattr(synthesis, "FLOAT32_MAX_RESOLUTION", EXACT)
    single, mixed = copies(tiny.generator, resolution=256)
    results = [
        np.clip(network(tiny.latents(4), noise="constant"), -1, 1) for network in (single, mixed)
    ]
    rms = np.sqrt(np.mean((results[1] - results[0]) ** 2))
    assert 0 < rms / 2 < 0.01


def test_feature_maps_of_few_pixels_are_those_of_float32(mixed_bfloat16):
    single, mixed = copies(tiny.generator)
    w = single.mapping(tiny.latents())
    maps = []
    for network in (single, mixed):
        x = w
        for layer in network.synthesis.synthesis_layers[:4]:
            x = layer(x, w, noise="constant")
        maps.append(x)
    assert maps[1].dtype == "float32"
    assert relative_error(maps[1], maps[0]) < 1e-6


def test_logits_are_float32_and_nearly_the_same(mixed_bfloat16):
    single, mixed = copies(tiny.discriminator)
    images = tiny.draw(16, 16, 16, 3)
    logits = [network(images) for network in (single, mixed)]
    assert logits[1].dtype == "float32"
    assert 0 < relative_error(logits[1], logits[0]) < 0.05


def test_w_is_computed_in_float32(mixed_bfloat16):
    single, mixed = copies(tiny.generator)
    assert relative_error(mixed.mapping(tiny.latents()), single.mapping(tiny.latents())) < 1e-6


def test_weights_and_gradients_are_float32(mixed_bfloat16):
    for network, inputs in [
        (tiny.generator(), tiny.latents()),
        (tiny.discriminator(), tiny.draw(4, 16, 16, 3)),
    ]:
        assert {tf.as_dtype(weight.dtype) for weight in network.weights} == {tf.float32}
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            output = tf.reduce_sum(network(inputs) ** 2)
        gradient = tape.gradient(output, inputs)
        assert gradient.dtype == "float32"
        assert np.all(np.isfinite(gradient))


def test_a_file_does_not_bring_its_policy(mixed_bfloat16, tmp_path):
    """What was trained in bfloat16 runs in float32 where that is the policy."""
    mixed = tiny.generator()
    mixed.save(tmp_path / "g.keras")
    keras.mixed_precision.set_global_policy("float32")
    again = sg.load(tmp_path / "g.keras")
    single = sg.Generator(**tiny.GENERATOR)
    single.set_weights(mixed.get_weights())
    results = [network(tiny.latents(), noise="constant") for network in (again, single)]
    assert relative_error(*results) < 1e-6
