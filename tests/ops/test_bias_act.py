"""Bias and leaky ReLU."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from op_cases import IMPLEMENTATIONS
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


@every_implementation
def test_slope_is_a_fifth_below_zero(implementation):
    y = ops.bias_act(tf.constant([[-3.0, 3.0]]), tf.constant([1.0, 1.0]), implementation)
    assert_close(y, [[-0.4, 4.0]], 1e-7)


@every_implementation
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_derivative_at_zero_is_one(dtype, implementation):
    """As published (DESIGN 2.1); that of tf.nn.leaky_relu is 0.2. Fresh biases are all zero."""
    x = tf.constant([[0.0, -0.0, 2.0, -1e-6]], dtype)
    b = tf.constant([0.0, 0.0, -2.0, 0.0], dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, b])
        y = ops.bias_act(x, b, implementation)
    for argument, shape in [(x, (1, 4)), (b, (4,))]:
        slopes = tf.cast(tape.gradient(y, argument), tf.float32)
        assert_close(slopes, np.reshape([1, 1, 1, 0.2], shape), 1e-3)


@every_implementation
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 5, 3), (2, 2, 2, 2, 3)])
def test_any_rank(shape, implementation, rng):
    x = rng.standard_normal(shape)
    y = ops.bias_act(tf.constant(x, tf.float32), tf.constant([0.5, 0.0, -0.5]), implementation)
    shifted = x + [0.5, 0.0, -0.5]
    assert_close(y, shifted.clip(0) + 0.2 * shifted.clip(None, 0), 1e-6)


def test_wrong_number_of_biases_is_refused():
    with pytest.raises(ValueError, match="b has 4 entries, but x has 3 channels"):
        ops.bias_act(tf.zeros([2, 3]), tf.zeros([4]))
