"""Random numbers that the published code drew."""

import numpy as np
import tensorflow as tf

from stylegan_tf.training.random_inputs import Draws


def draws_of(prefix: str, arrays: dict, layers: int) -> Draws:
    """The random numbers that a published loss drew, kept under a prefix, in our order."""
    drawn = [arrays[key] for key in sorted(arrays) if key.startswith(prefix)]
    noise = [np.transpose(one, [0, 2, 3, 1]) for one in drawn[4:]] if len(drawn) > 4 else []
    mixed = len(drawn) > 4  # then: z, z for mixing, whether to mix, where to
    return Draws(
        z=tf.constant(drawn[0]),
        z_mix=tf.constant(drawn[1] if mixed else drawn[0]),
        crossover=tf.constant(drawn[3] if mixed else layers, tf.int32),
        noise=[tf.constant(one) for one in noise],
        label_order=tf.range(len(drawn[0])),
        alpha=tf.constant(drawn[1] if drawn[-1].shape[1:] == (1, 1, 1) else np.zeros([4, 1, 1, 1])),
    )
