"""Weights that were trained elsewhere."""

from stylegan_tf.importing.published import assign_discriminator, assign_generator

__all__ = ["assign_discriminator", "assign_generator"]
