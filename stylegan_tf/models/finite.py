"""Whether the weights of a network are numbers: those of a training that diverged may not be."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable


def is_finite(model: keras.Model) -> bool:
    """Returns whether no weight of a network is infinite or not a number."""
    return all(map(_is_finite, model.weights))


def check_finite(model: keras.Model, name: str) -> None:
    """Refuses a network with weights that are infinite or not a number.

    Args:
        model: the network.
        name: what a message calls it.

    Raises:
        ValueError: naming the first such weight.
    """
    for weight in model.weights:
        if not _is_finite(weight):
            raise ValueError(
                f"{name} has weights that are not finite ({weight.name.removesuffix(':0')}): its "
                "training has diverged; take an earlier snapshot"
            )


def _is_finite(weight: Any) -> bool:
    return bool(tf.reduce_all(tf.math.is_finite(tf_variable(weight))))
