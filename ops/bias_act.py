"""Bias and leaky ReLU."""

import tensorflow as tf

from .choice import choose

SLOPE = 0.2
# The least positive number that arithmetic does not flush to zero.
LEAST = {tf.float16: 6e-8, tf.bfloat16: 1.2e-38, tf.float32: 1.2e-38, tf.float64: 2.3e-308}


def bias_act(x, b, implementation="auto"):
    """Adds a bias per channel, then a leaky ReLU of slope 0.2: `lrelu(x + b)`.

    Differentiable any number of times; the derivative at 0 is 1.

    Args:
        x: [..., C], float32, bfloat16 or float16.
        b: [C], any float dtype.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [..., C], in the dtype of `x`.

    Raises:
        ValueError: if the last dimension of `x` is not that of `b`.
    """
    choose(implementation)
    x, b = tf.convert_to_tensor(x), tf.convert_to_tensor(b)
    if x.shape[-1] != b.shape[0]:
        raise ValueError(f"b has {b.shape[0]} entries, but x has {x.shape[-1]} channels")
    return leaky_relu(x + tf.cast(b, x.dtype))


@tf.custom_gradient
def leaky_relu(x):
    """`max(x, 0.2·x)`. The derivative at 0 is 1, as published; tf.nn.leaky_relu's is 0.2."""

    def grad(dy):
        # The least positive number moves zeros, and only them, to the side where the slope is 1.
        sign = tf.stop_gradient(x + tf.constant(LEAST[x.dtype], x.dtype))
        return tf.raw_ops.LeakyReluGrad(gradients=dy, features=sign, alpha=SLOPE)

    return tf.nn.leaky_relu(x, SLOPE), grad
