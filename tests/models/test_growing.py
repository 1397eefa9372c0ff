"""Resolutions and fading (INTERFACE: `resolution`, `fade`)."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
import stylegan_tf as sg
import tiny
from compare import assert_close

STEPS = [8, 16]


@pytest.fixture(scope="module")
def generator():
    return tiny.generator()


@pytest.fixture(scope="module")
def discriminator():
    return tiny.discriminator()


def images_of(generator, **growing):
    return generator(tiny.latents(), noise="constant", **growing).numpy()


@pytest.mark.parametrize("fade", [0, 0.0, tf.constant(0.0)], ids=["int", "float", "tensor"])
@pytest.mark.parametrize("resolution", STEPS)
def test_fade_0_is_the_upsampled_image_of_half_the_resolution(generator, resolution, fade):
    half = images_of(generator, resolution=resolution // 2)
    assert_close(
        images_of(generator, resolution=resolution, fade=fade), oracles.upsample(half), 1e-6
    )


@pytest.mark.parametrize("resolution", STEPS)
def test_images_fade_linearly(generator, resolution):
    old, middle, new = (images_of(generator, resolution=resolution, fade=f) for f in (0, 0.3, 1))
    assert_close(middle, 0.7 * old + 0.3 * new, 1e-6)
    assert np.abs(new - old).max() > 0.1


@pytest.mark.parametrize("resolution", STEPS)
def test_fade_0_shows_the_discriminator_means_of_2_by_2_pixels(discriminator, resolution):
    images = tiny.draw(4, resolution, resolution, 3)
    faded = discriminator(images, resolution=resolution, fade=0.0)
    shrunk = tf.constant(oracles.downsample(images.numpy()))
    assert_close(faded, discriminator(shrunk, resolution=resolution // 2), 1e-6)


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_a_fade_of_1_is_the_same_as_tensor_and_as_number(network, request):
    model = request.getfixturevalue(network)
    inputs = tiny.latents() if network == "generator" else tiny.draw(4, 16, 16, 3)
    options = {"noise": "constant"} if network == "generator" else {}
    expected = model(inputs, **options)
    for fade in (1, 1.0, tf.constant(1.0)):
        assert_close(model(inputs, fade=fade, **options), expected, 1e-5)


def test_4_by_4_has_nothing_to_fade_from(generator, discriminator):
    old, new = (images_of(generator, resolution=4, fade=fade) for fade in (0.0, 1.0))
    assert_close(old, new, 1e-6)
    images = tiny.draw(4, 4, 4, 3)
    old, new = (discriminator(images, resolution=4, fade=fade) for fade in (0.0, 1.0))
    assert_close(old, new, 1e-6)


def test_one_graph_serves_every_fade(generator):
    graph = tf.function(
        lambda fade: generator(tiny.latents(), noise="constant", fade=fade), autograph=False
    )
    for fade in (0.0, 0.25, 1.0):
        expected = images_of(generator, fade=fade)
        assert_close(graph(tf.constant(fade)), expected, 1e-5)
    assert graph.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("resolution", [2**n for n in range(2, 11)])
def test_every_resolution_goes_through_both_networks(resolution):
    generator = sg.Generator(resolution, latent_size=4, fmap_base=1024, fmap_max=2)
    discriminator = sg.Discriminator(resolution, fmap_base=1024, fmap_max=2)
    assert generator.num_ws == 2 * np.log2(resolution) - 2
    images = generator(tf.ones([1, 4]))
    assert images.shape == (1, resolution, resolution, 3)
    assert discriminator(images).shape == (1, 1)


@pytest.mark.parametrize("resolution", [4, 8, 16])
def test_lower_resolutions_run_on_a_grown_network(generator, discriminator, resolution):
    images = generator(tiny.latents(), resolution=resolution)
    assert images.shape == (4, resolution, resolution, 3)
    assert discriminator(images, resolution=resolution).shape == (4, 1)
    layers = 2 * np.log2(resolution) - 2
    assert len(generator.synthesis.noise_shapes(resolution)) == layers


@pytest.mark.parametrize(
    ("grown", "growing"),
    [
        (2, {"resolution": 4}),
        (3.0, {"resolution": 8}),
        (2.25, {"resolution": 8, "fade": 0.25}),
        (3.75, {"resolution": 16, "fade": 0.75}),
        (None, {"resolution": 16}),
    ],
)
def test_a_generator_shows_images_as_far_as_it_has_grown(generator, grown, growing, monkeypatch):
    expected = images_of(generator, **growing)
    monkeypatch.setattr(generator, "grown", grown)
    assert_close(images_of(generator), expected, 1e-6)
    if "fade" not in growing:  # whoever names a resolution gets all of it
        assert_close(images_of(generator, **growing), expected, 1e-6)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels(channels):
    images = tiny.generator(channels=channels)(tiny.latents())
    assert images.shape == (4, 16, 16, channels)
    assert tiny.discriminator(channels=channels)(images).shape == (4, 1)


@pytest.mark.parametrize("architecture", "abcdef")
def test_every_architecture_grows(architecture):
    generator, discriminator = (
        tiny.generator(architecture=architecture),
        tiny.discriminator(architecture=architecture),
    )
    images = generator(tiny.latents(), resolution=8, fade=0.5)
    assert images.shape == (4, 8, 8, 3)
    assert discriminator(images, resolution=8, fade=0.5).shape == (4, 1)
