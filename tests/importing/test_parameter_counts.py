"""The numbers of parameters from the arguments are those of the networks themselves."""

import math

import pytest

import stylegan_tf as sg
from stylegan_tf.importing import parameter_counts

SMALL = {"resolution": 16, "channels": 3, "fmap_base": 64, "fmap_max": 12}


def elements(network) -> int:
    return sum(math.prod(weight.shape) for weight in network.weights)


@pytest.mark.parametrize("architecture", "abcdef")
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"label_size": 5, "latent_size": 7},
        {"resolution": 4, "channels": 1},
        {"w_size": 6, "mapping_layers": 2, "mapping_units": 9, "fmap_decay": 0.7},
    ],
)
def test_generator(architecture, more):
    arguments = {**SMALL, "latent_size": 10, "architecture": architecture, **more}
    network = sg.Generator(**arguments)
    assert parameter_counts.generator(**arguments) == elements(network)


@pytest.mark.parametrize("architecture", "af")
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"label_size": 5},
        {"resolution": 4, "channels": 1},
        {"mbstd_num_features": 4, "fmap_decay": 0.7},
        {"mbstd_group_size": 1},
    ],
)
def test_discriminator(architecture, more):
    arguments = {**SMALL, "architecture": architecture, **more}
    network = sg.Discriminator(**arguments)
    assert parameter_counts.discriminator(**arguments) == elements(network)


def test_defaults_are_those_of_the_networks():
    """The published trainable parameters at 1024², and in G w_avg and the 18 images of noise."""
    noise = 2 * sum(4**level for level in range(2, 11))
    assert parameter_counts.generator(1024, 3) == 26_219_627 + 512 + noise
    assert parameter_counts.discriminator(1024, 3) == 23_087_249


def test_an_argument_that_is_not_counted_is_an_error():
    with pytest.raises(TypeError, match="the weights of more are not counted"):
        parameter_counts.generator(8, 3, more=1)


def test_counting_allocates_nothing():
    """72 TB of weights are a number like any other."""
    assert parameter_counts.generator(1024, 3, fmap_base=2**40, fmap_max=2**20) > 10**13
