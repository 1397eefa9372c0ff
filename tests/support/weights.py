"""Weights for tests: fresh networks have too many zeros and ones to show a mistake."""

import numpy as np

from stylegan_tf.backend_compat import tf_variable


def randomize(layer, seed=0):
    """Draws every weight from N(0, 1); weights that start at a deviation of 100 keep it.

    Variances, which are above 0, are drawn from [0.5, 1.5).
    """
    rng = np.random.default_rng(seed)
    for weight in layer.weights:
        variable = tf_variable(weight)
        if "variance" in weight.name:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape).astype(np.float32))
            continue
        deviation = 100 if np.std(variable.numpy()) > 10 else 1
        variable.assign(deviation * rng.standard_normal(variable.shape, np.float32))
    return layer
