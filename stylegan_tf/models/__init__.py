"""The networks: of GAN, DCGAN, Progressive GAN and StyleGAN (A to F), StyleGAN2.

Names load on first use, and TensorFlow with the networks.
"""

from typing import TYPE_CHECKING

import lazy_loader

from stylegan_tf.deprecation import deprecated_attributes

if TYPE_CHECKING:
    from stylegan_tf.models.architectures import ARCHITECTURES, Architecture, get_architecture
    from stylegan_tf.models.networks import (
        BaseDiscriminator,
        BaseGenerator,
        DCGANDiscriminator,
        DCGANGenerator,
        Discriminator,
        GANDiscriminator,
        GANGenerator,
        Generator,
        Mapping,
        StyleGAN2Discriminator,
        StyleGAN2Generator,
        StyleGAN2Mapping,
        StyleGAN2Synthesis,
        Synthesis,
        make_discriminator,
        make_generator,
    )

__all__ = [
    "ARCHITECTURES",
    "Architecture",
    "BaseDiscriminator",
    "BaseGenerator",
    "DCGANDiscriminator",
    "DCGANGenerator",
    "Discriminator",
    "GANDiscriminator",
    "GANGenerator",
    "Generator",
    "Mapping",
    "StyleGAN2Discriminator",
    "StyleGAN2Generator",
    "StyleGAN2Mapping",
    "StyleGAN2Synthesis",
    "Synthesis",
    "get_architecture",
    "make_discriminator",
    "make_generator",
]

_getattr, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "architectures": ["ARCHITECTURES", "Architecture", "get_architecture"],
        "networks": [
            "BaseDiscriminator",
            "BaseGenerator",
            "DCGANDiscriminator",
            "DCGANGenerator",
            "Discriminator",
            "GANDiscriminator",
            "GANGenerator",
            "Generator",
            "Mapping",
            "StyleGAN2Discriminator",
            "StyleGAN2Generator",
            "StyleGAN2Mapping",
            "StyleGAN2Synthesis",
            "Synthesis",
            "make_discriminator",
            "make_generator",
        ],
    },
)
__getattr__ = deprecated_attributes(
    __name__,
    {
        "CONFIGURATIONS": "stylegan_tf.models.architectures:ARCHITECTURES",
        "Configuration": "stylegan_tf.models.architectures:Architecture",
        "configuration": "stylegan_tf.models.architectures:get_architecture",
        "configurations": "stylegan_tf.models.architectures",
    },
    otherwise=_getattr,
)
