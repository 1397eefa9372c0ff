"""First and second derivatives of every op against derivatives of its float64 oracle."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from gradients import gradients, penalty_gradients, tf_gradients, tf_penalty_gradients
from op_cases import CASES, IMPLEMENTATIONS

every_op = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def scalars(case, implementation, rng, shape):
    """The arguments, and a random projection of the op and of its oracle to one number."""
    arguments = case.arguments(rng, shape)
    weights = rng.standard_normal(case.oracle(*arguments).shape)

    def actual(*arguments):
        return tf.reduce_sum(case.op(*arguments, implementation=implementation) * weights)

    def expected(*arguments):
        return (case.oracle(*arguments) * weights).sum()

    return arguments, actual, expected


@every_implementation
@every_op
@pytest.mark.parametrize("shape", [(2, 3, 3, 2), (1, 1, 4, 3)])
def test_first_derivatives(case, implementation, shape, rng):
    arguments, actual, expected = scalars(case, implementation, rng, shape)
    pairs = zip(tf_gradients(actual, arguments), gradients(expected, arguments), strict=True)
    for one, other in pairs:
        assert_close(one, other, 1e-5)


@every_implementation
@every_op
def test_second_derivatives(case, implementation, rng):
    """R1 differentiates the gradient of the logits once more (DESIGN 4)."""
    arguments, actual, expected = scalars(case, implementation, rng, (1, 2, 3, 1))
    result = tf_penalty_gradients(actual, arguments)
    for one, other in zip(result, penalty_gradients(expected, arguments), strict=True):
        # The penalty of a piecewise linear op does not depend on every argument.
        one = np.zeros(other.shape) if one is None else one
        assert_close(one, other, 1e-4)


@every_implementation
@every_op
def test_the_gradient_is_linear_in_what_comes_back(case, implementation, rng):
    """`tape.gradient` with a variable upstream gradient, differentiated by it, is the op again."""
    arguments = case.arguments(rng, (1, 2, 3, 2))
    inputs = [tf.constant(argument, tf.float32) for argument in arguments]
    directions = case.arguments(rng, (1, 2, 3, 2))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            y = case.op(*inputs, implementation=implementation)
        upstream = tf.zeros_like(y)
        outer.watch(upstream)
        back = inner.gradient(y, inputs, output_gradients=upstream)
        pairs = zip(back, directions, strict=True)
        projected = tf.add_n([tf.reduce_sum(one * direction) for one, direction in pairs])
    forward = outer.gradient(projected, upstream)
    above, below = (
        case.oracle(*(x + step * way for x, way in zip(arguments, directions, strict=True)))
        for step in (1e-6, -1e-6)
    )
    assert_close(forward, (above - below) / 2e-6, 1e-5)


@every_implementation
@pytest.mark.parametrize("name", ["bias_act", "style_epilogue"])
def test_gradients_have_the_type_of_their_arguments(name, implementation):
    case = next(case for case in CASES if case.name == name)
    arguments = case.arguments(np.random.default_rng(0), (2, 3, 3, 4))
    x, *rest = [tf.constant(argument, tf.float32) for argument in arguments]
    x = tf.cast(x, tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch([x, *rest])
        y = case.op(x, *rest, implementation=implementation)
    result = tape.gradient(y, [x, *rest])
    assert [one.dtype for one in result] == ["bfloat16", *["float32"] * len(rest)]
