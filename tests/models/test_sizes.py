"""Resolutions and feature maps (DESIGN 2.3 and 2.5)."""

import pytest

import tiny
from stylegan_tf.models import sizes


@pytest.mark.parametrize(("resolution", "layers"), [(4, 2), (8, 4), (32, 8), (256, 14), (1024, 18)])
def test_two_layers_a_resolution(resolution, layers):
    assert sizes.num_layers(resolution) == layers
    assert tiny.generator(resolution=resolution).num_ws == layers


@pytest.mark.parametrize(
    ("base", "decay", "largest", "maps"),
    [
        (8192, 1.0, 512, [512, 512, 512, 512, 512, 256, 128, 64, 32, 16]),  # the paper's
        (4096, 1.0, 512, [512, 512, 512, 512, 256, 128, 64, 32, 16, 8]),
        (8192, 0.5, 512, [512] * 9 + [362]),
        (64, 0.0, 512, [64] * 10),
        (512, 1.0, 64, [64, 64, 64, 64, 32, 16, 8, 4, 2, 1]),
    ],
)
def test_feature_maps_of_the_ten_stages(base, decay, largest, maps):
    assert [sizes.feature_maps(stage, base, decay, largest) for stage in range(10)] == maps


def test_decay_reaches_the_layers():
    """At 16×16, stage 3: 64 / 2^1.5 = 22 feature maps, not 8."""
    arguments = {"fmap_base": 64, "fmap_decay": 0.5, "fmap_max": 512}
    generator, discriminator = tiny.generator(**arguments), tiny.discriminator(**arguments)
    assert generator.synthesis.to_rgb[-1].kernel.shape == (1, 1, 22, 3)
    assert discriminator.from_rgb[-1].kernel.shape == (1, 1, 3, 22)
