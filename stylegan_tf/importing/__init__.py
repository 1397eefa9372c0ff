"""Weights that were trained elsewhere."""

from stylegan_tf.importing.nvidia import Networks, load_nvidia_pickle
from stylegan_tf.importing.published import assign_discriminator, assign_generator
from stylegan_tf.importing.refused import ImportRefused

__all__ = [
    "ImportRefused",
    "Networks",
    "assign_discriminator",
    "assign_generator",
    "load_nvidia_pickle",
]
