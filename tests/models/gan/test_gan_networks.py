"""The networks of the first GAN, against NumPy."""

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close


def kernel_and_bias(layer):
    return np.asarray(layer.kernel, np.float64), np.asarray(layer.bias, np.float64)


def test_the_generator_is_two_layers_of_relu_and_one_of_tanh():
    generator, z = tiny.plain_generator("gan", label_size=2), tiny.latents()
    labels = np.eye(4, 2)
    x = np.concatenate([z, labels], axis=1)
    for index, layer in enumerate(generator.synthesis.dense):
        kernel, bias = kernel_and_bias(layer)
        x = x @ kernel + bias
        x = np.tanh(x) if index == 2 else x.clip(0)
    assert_close(generator(z, labels), x.reshape(4, 16, 16, 3), 1e-5)


def test_the_discriminator_has_two_layers_of_the_largest_of_five():
    discriminator, images = tiny.plain_discriminator("gan", label_size=3), tiny.draw(4, 16, 16, 3)
    x = np.asarray(images, np.float64).reshape(4, -1)
    for layer in discriminator.dense:
        kernel, bias = kernel_and_bias(layer)
        assert kernel.shape[1] == 5 * 8
        x = np.max([x @ kernel[:, i::8] + bias[i::8] for i in range(8)], axis=2).T
    kernel, bias = kernel_and_bias(discriminator.logits)
    logits = x @ kernel + bias
    labels = np.eye(4, 3, dtype=np.float32)
    assert_close(discriminator(images, labels), (logits * labels).sum(1, keepdims=True), 1e-5)


def test_parameters():
    """By hand, for 8×8 grey images, z of 6 and 7 units."""
    size = {"resolution": 8, "channels": 1, "fmap_max": 7}
    generator = sg.GANGenerator(latent_size=6, **size)
    assert generator.count_params() == (6 * 7 + 7) + (7 * 7 + 7) + (7 * 64 + 64) + 6  # w_avg
    discriminator = sg.GANDiscriminator(**size)
    assert discriminator.count_params() == (64 * 35 + 35) + (7 * 35 + 35) + (7 + 1)


def test_a_logit_does_not_depend_on_the_batch():
    discriminator, images = tiny.plain_discriminator("gan"), tiny.draw(4, 16, 16, 3)
    assert_close(discriminator(images)[:2], discriminator(images[:2]), 1e-5)


@pytest.mark.parametrize("network", [sg.GANGenerator, sg.GANDiscriminator])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resolution": 48}, "resolution is 48; it must be a power of two"),
        ({"channels": 2}, "channels is 2; it can be"),
        ({"architecture": "f"}, "architecture is 'f'; it can be one of gan"),
    ],
)
def test_what_cannot_be_is_refused(network, arguments, message):
    with pytest.raises(ValueError, match=message):
        network(**{"resolution": 8, "fmap_max": 4, **arguments})


def test_there_is_one_resolution():
    generator, discriminator = tiny.plain_generator("gan"), tiny.plain_discriminator("gan")
    with pytest.raises(ValueError, match="resolution is 8; this generator does not grow"):
        generator.synthesis(tf.zeros([1, 6]), resolution=8)
    with pytest.raises(ValueError, match="fade is 0.5; this discriminator does not grow"):
        discriminator(tf.zeros([1, 16, 16, 3]), fade=0.5)
