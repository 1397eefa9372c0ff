"""The networks of a DCGAN: their sizes by hand, and what batch normalization makes of a batch."""

import math

import numpy as np
import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from compare import assert_close


@pytest.fixture
def cheap_weights(monkeypatch):
    """Zeros in place of millions of random numbers: only their count is looked at."""
    import keras

    monkeypatch.setattr(
        keras.initializers, "RandomNormal", lambda **kwargs: keras.initializers.Zeros()
    )


def parameters(network) -> int:
    return sum(math.prod(weight.shape) for weight in network.trainable_weights)


def test_sizes_are_those_of_the_paper(cheap_weights):
    """Figure 1: 100 → 4×4×1024 → 8×8×512 → 16×16×256 → 32×32×128 → 64×64×3, by 5×5 kernels."""
    maps = [1024, 512, 256, 128]
    normalization = 2 * sum(maps)
    convolutions = [25 * a * b for a, b in zip(maps, [*maps[1:], 3], strict=True)]
    generator = sg.DCGANGenerator()
    assert parameters(generator) == 100 * 16 * 1024 + normalization + sum(convolutions) + 3
    # The same way back; there is no normalization after the first convolution, but a bias.
    convolutions = [25 * a * b for a, b in zip([3, *maps[:0:-1]], maps[::-1], strict=True)]
    normalization = 128 + 2 * sum(maps[:-1])
    count = sum(convolutions) + normalization + 16 * 1024 + 1
    assert parameters(sg.DCGANDiscriminator()) == count


@pytest.mark.parametrize(("resolution", "channels", "labels"), [(8, 3, 0), (16, 1, 0), (32, 4, 2)])
def test_shapes(resolution, channels, labels):
    shape = {"resolution": resolution, "channels": channels, "label_size": labels}
    generator, discriminator = tiny.plain_generator(**shape), tiny.plain_discriminator(**shape)
    vectors = tf.eye(5, labels) if labels else None
    images = generator(tiny.latents(5), vectors)
    assert images.shape == (5, resolution, resolution, channels)
    assert np.abs(images).max() <= 1
    assert discriminator(images, vectors).shape == (5, 1)


def test_weights_begin_at_a_deviation_of_a_fiftieth():
    """Section 4 of the paper; the scale of normalization begins at 1."""
    for network in (sg.DCGANGenerator(16, fmap_max=64), sg.DCGANDiscriminator(16, fmap_max=64)):
        for weight in network.trainable_weights:
            value = np.asarray(weight)
            if value.ndim > 1 and value.size > 1000:
                assert value.std() == pytest.approx(0.02, rel=0.1)
            elif "scale" in weight.name:
                assert (value == 1).all()


def test_an_image_does_not_depend_on_its_batch():
    generator, z = tiny.plain_generator(), tiny.latents()
    alone = tf.concat([generator(z[index : index + 1]) for index in range(4)], axis=0)
    assert_close(generator(z), alone, 1e-5)


def test_in_training_it_does():
    """Images of the moments of a batch are those of moving averages that have these values."""
    generator, z = tiny.plain_generator(), tiny.latents()
    w = generator.mapping(z)
    images, moments = generator.synthesize_for_training(w[:, None], "none", 16, 1.0)
    assert np.abs(images - generator(z)).max() > 0.1
    averages = generator.moving_averages[1:]
    assert len(averages) == len(moments) == 4
    for average, moment in zip(averages, moments, strict=True):
        average.assign(moment)
    assert_close(generator(z), images, 1e-5)


def test_the_moments_of_the_first_layer_are_those_of_a_matrix_product():
    generator, z = tiny.plain_generator(label_size=2), tiny.latents()
    labels = np.eye(4, 2, dtype=np.float32)
    w = generator.mapping(z, labels)
    _, moments = generator.synthesize_for_training(w, "none", 16, 1.0)
    inputs = np.concatenate([z, labels], axis=1).astype(np.float64)
    maps = (inputs @ np.asarray(generator.synthesis.dense.kernel)).reshape(64, 8)
    assert_close(moments[0], maps.mean(axis=0), 1e-5)
    assert_close(moments[1], maps.var(axis=0), 1e-5)


def test_transposed_convolutions_put_a_kernel_at_every_second_pixel():
    """Each pixel of x adds a kernel to the image; "same" begins one pixel within it."""
    generator = tiny.plain_generator(resolution=8)
    synthesis = generator.synthesis
    (norm,), (conv,) = synthesis.norms, synthesis.convs
    z = tiny.latents(2)
    maps = np.asarray(norm(tf.reshape(synthesis.dense(z), [2, 4, 4, 8])), np.float64).clip(0)
    kernel = np.asarray(conv.kernel, np.float64)  # [5, 5, channels, maps]
    padded = np.zeros([2, 11, 11, 3])
    for row in range(4):
        for column in range(4):
            square = padded[:, 2 * row : 2 * row + 5, 2 * column : 2 * column + 5]
            square += np.einsum("nm,hwcm->nhwc", maps[:, row, column], kernel)
    image = np.tanh(padded[:, 1:9, 1:9] + np.asarray(conv.bias))
    assert_close(generator(z), image, 1e-5)


def test_a_label_takes_its_logit():
    discriminator = tiny.plain_discriminator(label_size=3)
    images = tiny.draw(4, 16, 16, 3)
    columns = [discriminator(images, tf.one_hot([k] * 4, 3)) for k in range(3)]
    both = discriminator(images, tf.constant([[1.0, 0, 1]] * 4))
    assert_close(both, columns[0] + columns[2], 1e-5)
    assert np.abs(columns[0] - columns[1]).max() > 1e-3


def test_a_logit_depends_on_the_batch():
    discriminator, images = tiny.plain_discriminator(), tiny.draw(4, 16, 16, 3)
    assert np.abs(discriminator(images)[:2] - discriminator(images[:2])).max() > 1e-3


@pytest.mark.parametrize("network", [sg.DCGANGenerator, sg.DCGANDiscriminator])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"resolution": 4}, "resolution is 4; a DCGAN begins at 4×4, and needs 8 or more"),
        ({"resolution": 48}, "resolution is 48; it must be a power of two"),
        ({"resolution": 8, "channels": 2}, "channels is 2; it can be"),
        ({"resolution": 8, "architecture": "gan"}, "architecture is 'gan'; it can be one of dcgan"),
    ],
)
def test_what_cannot_be_is_refused(network, arguments, message):
    with pytest.raises(ValueError, match=message):
        network(fmap_max=4, **arguments)
