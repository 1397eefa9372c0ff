"""Many w of a network."""

import numpy as np

from stylegan_tf.labels import Label, LabelSpace
from stylegan_tf.latents import normals_from_seeds
from stylegan_tf.models import BaseGenerator

SAMPLES = 4096  # by default


def sample_w(
    generator: BaseGenerator, count: int, seed: int = 0, label: Label = None
) -> np.ndarray:
    """Returns the w of random latents.

    Args:
        generator: a `Generator`.
        count: how many.
        seed: of the latents.
        label: of all, as for a `Pipeline`. None: all classes in turn, or vectors that the training
            had.

    Returns:
        [count, w_size], float32.
    """
    (z,) = normals_from_seeds([seed], [[count, generator.latent_size]])
    space = LabelSpace.of(generator)
    if label is None:
        labels = space.in_turn(count) if space.size else None
    else:
        labels = space.vectors(label, count)
    return generator.mapping(z[0], labels).numpy()
