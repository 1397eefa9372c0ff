"""Functions that are traced outside XLA and then called inside one that XLA compiles."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from graph_cases import ARGUMENTS, arguments, gradients, penalty_gradients
from op_cases import NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops import xla

pytestmark = NO_COMPILED


def check(function, *arguments):
    """Compares a function run by itself, and compiled after it was traced, with eager results."""
    traced = tf.function(function, autograph=False)
    alone = traced(*arguments)
    inside = tf.function(lambda *arguments: traced(*arguments), jit_compile=True)(*arguments)
    for one, other, expected in zip(alone, inside, function(*arguments), strict=True):
        assert_close(one, expected, 2e-6)
        assert_close(other, expected, 2e-5)


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_op_and_its_gradients(name, rng):
    op, shapes = ARGUMENTS[name]
    check(functools.partial(gradients, op), *arguments(rng, shapes))


@pytest.mark.slow
@pytest.mark.parametrize("name", ARGUMENTS)
def test_second_derivatives(name, rng):
    op, shapes = ARGUMENTS[name]
    check(functools.partial(penalty_gradients, op), *arguments(rng, shapes))


def test_functions_within_functions_branches_and_loops(rng):
    (x,) = arguments(rng, [(2, 4, 4, 3)])
    blurred = tf.function(ops.blur2d)
    blurred(x)

    @tf.function
    def looping(x):
        for _ in tf.range(3):
            x = tf.cond(tf.reduce_sum(x) > 1e9, lambda: x, lambda: blurred(x))  # noqa: B023
        return x

    alone = looping(x)
    assert_close(tf.function(lambda x: looping(x), jit_compile=True)(x), alone, 1e-6)
    assert_close(alone, ops.blur2d(ops.blur2d(ops.blur2d(x))), 1e-6)


def test_a_saved_model_of_compiled_ops(rng, tmp_path):
    (x,) = arguments(rng, [(2, 4, 4, 3)])
    module = tf.Module()
    signature = [tf.TensorSpec([None, None, None, 3])]
    module.blur = tf.function(ops.blur2d, input_signature=signature)
    tf.saved_model.save(module, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path))
    compiled = tf.function(lambda x: loaded.blur(x), jit_compile=True)
    assert_close(compiled(x), ops.blur2d(x), 1e-6)


def test_the_shapes_of_results_are_known_in_graphs():
    """Kernels alone cannot tell them."""
    x, w = tf.TensorSpec([None, 8, 8, 16]), tf.TensorSpec([3, 3, 16, 16])
    traced = tf.function(lambda x, w: ops.upsample_conv2d(x, w)).get_concrete_function(x, w)
    assert traced.output_shapes == tf.TensorShape([None, 16, 16, 16])


def types(function, x) -> list[str]:
    return [op.type for op in tf.function(function).get_concrete_function(x).graph.get_operations()]


def test_graphs_that_stay_outside_have_the_op_alone(rng):
    (x,) = arguments(rng, [(2, 4, 4, 3)])

    def outside(x):
        xla.stay_outside()
        return tf.function(inner)(x)

    def inner(x):
        found.extend(types(ops.blur2d, x))
        return ops.blur2d(x)

    found = []
    assert_close(tf.function(outside)(x), ops.blur2d(x), 0)
    assert "StyleganBlur" in found
    assert "DeviceIndex" not in found
    assert {"DeviceIndex", "StyleganBlur"} & set(types(ops.blur2d, x)) == {"DeviceIndex"}
    assert np.shape(xla.stay_outside()) == ()  # outside of graphs it does nothing
    assert "DeviceIndex" in types(ops.blur2d, x)
