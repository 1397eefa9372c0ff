"""Many w of a network."""

import numpy as np
import tensorflow as tf

from stylegan_tf.latents import normals_from_seeds
from stylegan_tf.models import Generator

SAMPLES = 4096  # by default


def sample_w(
    generator: Generator, count: int, seed: int = 0, label: int | None = None
) -> np.ndarray:
    """Returns the w of random latents.

    Args:
        generator: a `Generator`.
        count: how many.
        seed: of the latents.
        label: the class of all, or None: over all classes in turn, where there are any.

    Returns:
        [count, w_size], float32.
    """
    (z,) = normals_from_seeds([seed], [[count, generator.latent_size]])
    size = generator.label_size
    classes = tf.range(count) % max(1, size) if label is None else tf.fill([count], label)
    return generator.mapping(z[0], tf.one_hot(classes, size) if size else None).numpy()
