"""Functions that are traced outside XLA and then called inside one that XLA compiles."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from op_cases import CASES, NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops import xla

pytestmark = NO_COMPILED

SCALED = {"scale": 0.3}
WIDE = [(2, 8, 8, 16), (3, 3, 16, 32)]  # channels that Winograd's method takes
ARGUMENTS = {
    **{case.name: (case.op, case.shapes(2, 6, 8, 3)) for case in CASES},
    "conv2d, wide": (functools.partial(ops.conv2d, **SCALED), WIDE),
    "upsample_conv2d, wide": (functools.partial(ops.upsample_conv2d, **SCALED), WIDE),
    "conv2d_downsample, wide": (functools.partial(ops.conv2d_downsample, **SCALED), WIDE),
    "to_rgb": (functools.partial(ops.to_rgb, **SCALED), [(2, 8, 8, 16), (1, 1, 16, 3), (3,)]),
    "style_epilogue without noise": (
        lambda x, bias, style: ops.style_epilogue(x, None, None, bias, style),
        [(2, 8, 8, 3), (3,), (2, 6)],
    ),
}


def arguments(rng, shapes):
    return [tf.constant(rng.standard_normal(shape), tf.float32) for shape in shapes]


def gradients(op, *arguments):
    """The value and its gradients."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = op(*arguments)
        total = tf.reduce_sum(tf.sin(y))
    return [y, *tape.gradient(total, arguments)]


def penalty_gradients(op, *arguments):
    """The gradients of the squared norm of all gradients."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        _, *first = gradients(op, *arguments)
        penalty = sum(tf.reduce_sum(one**2) for one in first)
    return tape.gradient(penalty, arguments)


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
