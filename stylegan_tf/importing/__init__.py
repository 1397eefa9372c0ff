"""Weights that were trained elsewhere."""

from stylegan_tf.importing.nvidia import Networks, load_nvidia_pickle
from stylegan_tf.importing.published import assign_discriminator, assign_generator
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

ImportRefused = UnsupportedCheckpointError  # its name before

__all__ = [
    "ImportRefused",
    "Networks",
    "UnsupportedCheckpointError",
    "assign_discriminator",
    "assign_generator",
    "load_nvidia_pickle",
]
