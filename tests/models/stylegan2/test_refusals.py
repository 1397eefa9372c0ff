"""Bad arguments raise a ValueError that names the argument and what is allowed."""

import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny
from stylegan_tf.models import make_discriminator, make_generator

NETWORKS = [sg.StyleGAN2Generator, sg.StyleGAN2Discriminator]
every_network = pytest.mark.parametrize("network", NETWORKS)


def refused(text):
    return pytest.raises(ValueError, match=text)


@every_network
def test_sizes(network):
    with refused("resolution is 48; it must be a power of two from 4 .* such as 32 or 64"):
        network(resolution=48)
    with refused("channels is 2; it can be 1 .*3 .*4"):
        network(resolution=4, channels=2)
    with refused("fmap_base is 64.* leaves 256×256 without feature maps"):
        network(resolution=256, fmap_base=64)


@every_network
@pytest.mark.parametrize("architecture", ["f", "stylegan", "skip", None])
def test_architectures_of_other_families(network, architecture):
    allowed = "stylegan2, stylegan2-orig, stylegan2-skip, stylegan2-resnet"
    with refused(f"architecture is {architecture!r}; it can be one of {allowed}"):
        network(resolution=4, architecture=architecture)


@pytest.mark.parametrize("network", [sg.Generator, sg.Discriminator])
def test_stylegan_is_no_stylegan2(network):
    with refused("architecture is 'stylegan2'; it can be one of a, b, c, d, e, f$"):
        network(resolution=4, architecture="stylegan2")


@pytest.fixture(scope="module")
def generator():
    return tiny.generator2(label_size=3)


@pytest.fixture(scope="module")
def discriminator():
    return tiny.discriminator2(label_size=3)


IMAGES, LABELS = tf.zeros([4, 16, 16, 3]), tf.eye(4, 3)


@pytest.mark.parametrize("resolution", [8, 32, 3])
def test_no_other_resolution(generator, discriminator, resolution):
    text = f"resolution is {resolution}; this {{}} does not grow and has 16 only"
    with refused(text.format("generator")):
        generator(tiny.latents(), resolution=resolution)
    with refused(text.format("generator")):
        generator.trainable_at(resolution)
    with refused(text.format("generator")):
        generator.noise_shapes(resolution)
    with refused(text.format("discriminator")):
        discriminator(IMAGES, LABELS, resolution=resolution)


@pytest.mark.parametrize("fade", [0, 0.5])
def test_no_fade(generator, discriminator, fade):
    with refused(f"fade is {fade}; this generator does not grow"):
        generator(tiny.latents(), fade=fade)
    with refused(f"fade is {fade}; this discriminator does not grow"):
        discriminator(IMAGES, LABELS, fade=fade)


def test_the_fade_of_training_is_taken(generator, discriminator):
    """It is a tensor, and 1."""
    fade = tf.constant(1.0)
    assert generator(tiny.latents(), resolution=16, fade=fade).shape == IMAGES.shape
    assert discriminator(IMAGES, LABELS, resolution=16, fade=fade).shape == (4, 1)


def test_shapes(generator, discriminator):
    with refused(r"z is \(4, 5\); it must be \[N, 6\]"):
        generator(tf.zeros([4, 5]))
    with refused(r"labels is \(4, 2\); it must be \[4, 3\]"):
        generator(tiny.latents(), tf.zeros([4, 2]))
    with refused(r"labels are missing; this network needs \[N, 3\]"):
        discriminator(IMAGES)
    with refused(r"images is \(4, 8, 8, 3\); it must be \[N, 16, 16, 3\]"):
        discriminator(tf.zeros([4, 8, 8, 3]), LABELS)
    with refused("L at least 6"):
        generator.synthesis(tf.zeros([4, 5, 5]))
    with refused("noise has 4 tensors; 5 layers need one each"):
        generator(tiny.latents(), noise=[tf.zeros([4, 4, 4, 1])] * 4)
    with refused(r"noise\[1\] is \(4, 4, 4, 1\); it must be \[4, 8, 8, 1\]"):
        generator(tiny.latents(), noise=[tf.zeros([4, 4, 4, 1])] * 5)


@pytest.mark.parametrize("name", ["stylegan2", "stylegan2-orig", "STYLEGAN2-SKIP"])
def test_an_architecture_says_which_class_is_made(name):
    assert type(make_generator(name, resolution=4, fmap_max=2)) is sg.StyleGAN2Generator
    made = make_discriminator(architecture=name, resolution=4, fmap_max=2)
    assert type(made) is sg.StyleGAN2Discriminator
    assert type(make_generator("f", resolution=4, fmap_max=2)) is sg.Generator
    assert type(make_discriminator(resolution=4, fmap_max=2)) is sg.Discriminator


def test_arguments_of_other_families_are_left_out_at_their_defaults():
    sizes = {"resolution": 4, "fmap_max": 2}
    make_discriminator("stylegan2", pool_first=True, **sizes)
    make_generator("f", clamp=None, half_resolutions=4, **sizes)
    with refused("pool_first is False; architecture stylegan2 has no pool_first"):
        make_discriminator("stylegan2", pool_first=False, **sizes)
    with refused("clamp is 256.0; architecture f has no clamp"):
        make_generator("f", clamp=256.0, **sizes)
    with refused("fmap_mix is 3; architecture f has no fmap_mix"):
        make_generator("f", fmap_mix=3, **sizes)
