"""What holds for every op: values, types, graphs, and the choice of an implementation."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given

from compare import assert_close
from op_cases import CASES, IMPLEMENTATIONS, SHAPES

every_op = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def constants(arguments, dtype=tf.float32):
    """The arguments as tensors, the first (x) in `dtype`, kernels too; the rest in float32."""
    return [tf.constant(a, dtype if a.ndim == 4 else tf.float32) for a in arguments]


@every_implementation
@every_op
@given(shape=SHAPES)
def test_matches_float64(case, implementation, shape):
    arguments = case.arguments(np.random.default_rng(0), shape)
    actual = case.op(*constants(arguments), implementation=implementation)
    assert_close(actual, case.oracle(*arguments), case.tolerance)


@every_implementation
@every_op
@pytest.mark.parametrize(("dtype", "tolerance"), [("bfloat16", 2e-2), ("float16", 2e-3)])
def test_half_precision_comes_out_as_it_went_in(case, implementation, dtype, tolerance, rng):
    tensors = constants(case.arguments(rng, (2, 4, 5, 3)), dtype)
    actual = case.op(*tensors, implementation=implementation)
    assert actual.dtype == dtype
    rounded = [tf.cast(tensor, tf.float64).numpy() for tensor in tensors]
    assert_close(tf.cast(actual, tf.float64), case.oracle(*rounded), tolerance)


@every_implementation
@every_op
def test_graph_of_unknown_sizes_computes_the_same(case, implementation, rng):
    tensors = constants(case.arguments(rng, (2, 4, 5, 3)))
    x, *rest = tensors
    unknown = tf.TensorSpec([None, None, None, x.shape[-1]], x.dtype)
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in rest]
    graph = tf.function(
        lambda *tensors: case.op(*tensors, implementation=implementation), [unknown, *specs]
    )
    eager = case.op(*tensors, implementation=implementation)
    assert_close(graph(*tensors), eager, 1e-6)


@every_op
def test_keeps_known_shapes_in_a_graph(case, rng):
    tensors = constants(case.arguments(rng, (2, 4, 5, 3)))
    shapes = []
    tf.function(lambda *tensors: shapes.append(case.op(*tensors).shape))(*tensors)
    assert shapes == [case.op(*tensors).shape]


@every_op
def test_takes_numpy_arrays(case, rng):
    arguments = [a.astype(np.float32) for a in case.arguments(rng, (1, 2, 2, 2))]
    assert_close(case.op(*arguments), case.oracle(*arguments), case.tolerance)


@every_op
def test_unknown_implementation_is_refused(case, rng):
    arguments = case.arguments(rng, (1, 2, 2, 2))
    with pytest.raises(ValueError, match="'fast'.*auto, compiled, reference"):
        case.op(*constants(arguments), implementation="fast")
