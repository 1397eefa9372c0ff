"""What the arguments imply has as many parameters as the published networks."""

import math

import pytest

from stylegan_tf.importing.stylegan2 import shapes
from stylegan_tf.importing.stylegan2.description import DiscriminatorArguments, GeneratorArguments

COMMON = {
    "channels": 3,
    "channel_max": 512,
    "mapping_units": 512,
    "embedding_units": 512,
    "mapping_lr_multiplier": 0.01,
    "conv_clamp": None,
}


@pytest.mark.parametrize(
    ("resolution", "base", "layers", "labels", "form", "g", "d", "noise"),
    [  # trainable parameters of G and D, and the numbers in the images of noise
        (256, 32768, 8, 0, "resnet", 30_034_338, 28_864_129, 174_736),
        (1024, 32768, 8, 0, "resnet", 30_370_060, 29_012_513, 2_796_176),
        (64, 16384, 2, 0, "resnet", 22_243_608, 23_407_361, 10_896),
        (32, 32768, 2, 10, "orig", 20_215_315, 23_089_664, 2_704),
        (256, 16384, 8, 10, "resnet", 25_035_234, 26_370_112, 174_736),
    ],
)
def test_parameters_of_published_networks(resolution, base, layers, labels, form, g, d, noise):
    sizes = {**COMMON, "resolution": resolution, "channel_base": base, "label_size": labels}
    generator = shapes.generator(
        GeneratorArguments(
            **sizes, latent_size=512, w_size=512, mapping_layers=layers, architecture="skip"
        )
    )
    noises = [math.prod(shape) for name, shape in generator.items() if "noise_const" in name]
    assert sum(noises) == noise
    assert sum(map(math.prod, generator.values())) == g + noise + 512  # the mean of w
    discriminator = shapes.discriminator(
        DiscriminatorArguments(
            **sizes,
            mapping_layers=8,
            architecture=form,
            mbstd_group_size=4,
            mbstd_num_features=1,
        )
    )
    assert sum(map(math.prod, discriminator.values())) == d
