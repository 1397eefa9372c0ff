"""Random numbers that the published code sampled."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from stylegan_tf.training.random_inputs import RandomInputs


class Recorded(NamedTuple):
    """Gives recorded numbers where a penalty samples some, and augmentation none."""

    alpha: tf.Tensor

    def uniform(self, shape):
        """Returns the recorded ones, which have this shape."""
        assert list(self.alpha.shape) == list(shape)
        return self.alpha

    def stream(self, number):
        """Returns these numbers again."""
        return self


def inputs_of(prefix: str, arrays: dict, layers: int) -> RandomInputs:
    """Returns the random numbers that a published loss sampled, kept under a prefix."""
    recorded = [arrays[key] for key in sorted(arrays) if key.startswith(prefix)]
    noise = [np.transpose(one, [0, 2, 3, 1]) for one in recorded[4:]] if len(recorded) > 4 else []
    mixed = len(recorded) > 4  # then: z, z for mixing, whether to mix, where to
    has_alpha = recorded[-1].shape[1:] == (1, 1, 1)
    return RandomInputs(
        z=tf.constant(recorded[0]),
        z_mix=tf.constant(recorded[1] if mixed else recorded[0]),
        crossover=tf.constant(recorded[3] if mixed else layers, tf.int32),
        noise=[tf.constant(one) for one in noise],
        label_order=tf.range(len(recorded[0])),
        rng=Recorded(tf.constant(recorded[1] if has_alpha else np.zeros([4, 1, 1, 1]))),
    )
