"""The networks: mapping, synthesis, generator, discriminator, in configurations A to F."""

from stylegan_tf import backend_compat  # noqa: F401  checks Keras and TensorFlow before they start
from stylegan_tf.models.configurations import CONFIGURATIONS, Configuration, configuration
from stylegan_tf.models.discriminator import Discriminator
from stylegan_tf.models.generator import Generator
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis

__all__ = [
    "CONFIGURATIONS",
    "Configuration",
    "Discriminator",
    "Generator",
    "Mapping",
    "Synthesis",
    "configuration",
]
