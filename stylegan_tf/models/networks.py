"""The networks, which load together: Keras then knows the classes of all files."""

from stylegan_tf import backend_compat  # noqa: F401  checks Keras and TensorFlow before they start
from stylegan_tf.models.discriminator import Discriminator
from stylegan_tf.models.generator import Generator
from stylegan_tf.models.mapping import Mapping
from stylegan_tf.models.synthesis import Synthesis

__all__ = ["Discriminator", "Generator", "Mapping", "Synthesis"]
