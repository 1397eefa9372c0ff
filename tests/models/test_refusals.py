"""Bad arguments raise a ValueError that names the argument and what is allowed."""

import pytest
import tensorflow as tf

import stylegan_tf as sg
import tiny

networks = pytest.mark.parametrize("network", [sg.Generator, sg.Discriminator])


def refused(text):
    return pytest.raises(ValueError, match=text)


@networks
@pytest.mark.parametrize(
    ("resolution", "near"),
    [(48, "32 or 64"), (2048, "512 or 1024"), (2, "4 or 8"), (0, "4 or 8"), (1000, "512 or 1024")],
)
def test_resolutions_are_powers_of_two_up_to_1024(network, resolution, near):
    with refused(f"resolution is {resolution}; it must be a power of two from 4 .* such as {near}"):
        network(resolution=resolution)


@networks
@pytest.mark.parametrize("channels", [0, 2, 5])
def test_channels_are_grey_rgb_or_rgba(network, channels):
    with refused(f"channels is {channels}; it can be 1 .*3 .*4"):
        network(resolution=4, channels=channels)


@networks
@pytest.mark.parametrize("architecture", ["g", "", "stylegan", None])
def test_architectures_are_letters(network, architecture):
    with refused(f"architecture is {architecture!r}; it can be one of a, b, c, d, e, f"):
        network(resolution=4, architecture=architecture)


@networks
def test_architectures_are_letters_in_either_case(network):
    made = network(resolution=4, fmap_max=2, architecture="F")
    assert made.get_config()["architecture"] == "F"


@pytest.mark.parametrize("network", [sg.Generator, sg.Discriminator])
def test_an_architecture_is_given_by_one_of_its_names(network):
    with refused("architecture is 'a' and config 'b'; they are the same argument"):
        network(resolution=4, architecture="a", config="b")


@networks
def test_feature_maps_do_not_run_out(network):
    with refused("fmap_base is 64.* leaves 256×256 without feature maps"):
        network(resolution=256, fmap_base=64)


@pytest.fixture(scope="module")
def generator():
    return tiny.generator(label_size=3)


@pytest.fixture(scope="module")
def discriminator():
    return tiny.discriminator(label_size=3)


@pytest.mark.parametrize(("resolution", "near"), [(32, "8 or 16"), (2, "4 or 8"), (0, "4 or 8")])
def test_no_network_runs_above_its_own_resolution(generator, discriminator, resolution, near):
    text = f"resolution is {resolution}; it must be a power of two from 4 to 16, such as {near}"
    with refused(text):
        generator(tiny.latents(), resolution=resolution)
    with refused(text):
        discriminator(tf.zeros([4, 16, 16, 3]), tf.zeros([4, 3]), resolution=resolution)


def test_size_of_the_latent(generator):
    with refused(r"z is \(4, 5\); it must be \[N, 6\]"):
        generator(tf.zeros([4, 5]))


@pytest.mark.parametrize("shape", [(4, 2), (1, 3), (4,)])
def test_shape_of_labels(generator, discriminator, shape):
    with refused(r"labels is .*; it must be \[4, 3\]"):
        generator(tiny.latents(), tf.zeros(shape))
    with refused(r"labels is .*; it must be \[4, 3\]"):
        discriminator(tf.zeros([4, 16, 16, 3]), tf.zeros(shape))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((4,), r"\[N, w_size\] or \[N, L, w_size\]"),
        ((4, 6), r"\[N, L, 5\]"),
        ((4, 6, 4), r"\[N, L, 5\]"),
        ((4, 3, 5), "L at least 6"),
    ],
)
def test_shape_of_w(generator, shape, expected):
    with refused(f"w is .*{expected}"):
        generator.synthesis(tf.zeros(shape))


def given_noise(generator, count=6, images=4, channels=1, order=1):
    shapes = generator.synthesis.noise_shapes()[::order][:count]
    return [tf.zeros([images, height, width, channels]) for height, width in shapes]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"count": 5}, "noise has 5 tensors; 6 layers need one each"),
        ({"order": -1}, r"noise\[0\] is \(4, 16, 16, 1\); it must be \[4, 4, 4, 1\]"),
        ({"images": 3}, r"noise\[0\] is \(3, 4, 4, 1\); it must be \[4, 4, 4, 1\]"),
        ({"channels": 8}, r"noise\[0\] is \(4, 4, 4, 8\); it must be \[4, 4, 4, 1\]"),
    ],
)
def test_given_noise_fits_its_layers(generator, change, text):
    with refused(text):
        generator(tiny.latents(), noise=given_noise(generator, **change))


@pytest.mark.parametrize("noise", ["loud", None, 0.5])
def test_modes_of_noise(generator, noise):
    with refused("noise is .*'random', 'constant', 'none' or a list of tensors"):
        generator(tiny.latents(), noise=noise)


@pytest.mark.parametrize("shape", [(4, 8, 8, 3), (4, 32, 32, 3), (4, 16, 16, 1), (16, 16, 3)])
def test_images_have_the_resolution_they_are_said_to_have(discriminator, shape):
    """Images of another size would otherwise be cut into more, or fewer, scores."""
    with refused(r"images is .*; it must be \[N, 16, 16, 3\]"):
        discriminator(tf.zeros(shape), tf.zeros([4, 3]))


def test_a_batch_is_a_multiple_of_the_group(discriminator):
    with refused("the batch is 6; it must be below group_size, 4, or a multiple"):
        discriminator(tf.zeros([6, 16, 16, 3]), tf.zeros([6, 3]))


def test_sizes_known_only_when_it_runs_are_accepted(generator):
    graph = tf.function(generator, [tf.TensorSpec([None, None])], autograph=False)
    assert graph(tiny.latents()).shape == (4, 16, 16, 3)


def test_stddev_features_divide_the_feature_maps():
    with refused("mbstd_num_features is 3; it must divide the 8 feature maps"):
        sg.Discriminator(resolution=4, fmap_max=8, mbstd_num_features=3)
