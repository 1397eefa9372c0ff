"""The networks, which load together: Keras then knows the classes of all files."""

from stylegan_tf import backend_compat  # noqa: F401  checks Keras and TensorFlow before they start
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.base_generator import BaseGenerator
from stylegan_tf.models.dcgan.discriminator import DCGANDiscriminator
from stylegan_tf.models.dcgan.generator import DCGANGenerator
from stylegan_tf.models.discriminator import Discriminator
from stylegan_tf.models.gan.discriminator import GANDiscriminator
from stylegan_tf.models.gan.generator import GANGenerator
from stylegan_tf.models.generator import Generator
from stylegan_tf.models.making import make_discriminator, make_generator
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.stylegan2.discriminator import StyleGAN2Discriminator
from stylegan_tf.models.stylegan2.generator import StyleGAN2Generator
from stylegan_tf.models.stylegan2.mapping import StyleGAN2Mapping
from stylegan_tf.models.stylegan2.synthesis import StyleGAN2Synthesis
from stylegan_tf.models.synthesis import Synthesis

__all__ = [
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
]
