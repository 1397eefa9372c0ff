"""RGB of feature maps."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from compare import assert_close
from gradients import gradients, penalty_gradients, tf_gradients, tf_penalty_gradients
from graphs import op_types
from op_cases import IMPLEMENTATIONS, NO_COMPILED, SHAPES
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)


def expected(x, w, bias, scale=1.0):
    return x @ (scale * w[0, 0]) + bias


def arguments(shape, rgb=3):
    rng = np.random.default_rng(0)
    shapes = shape, (1, 1, shape[-1], rgb), (rgb,)
    return [rng.standard_normal(one, np.float32).astype(np.float64) for one in shapes]


@every_implementation
@given(shape=SHAPES, rgb=st.integers(1, 6))
def test_matches_float64(implementation, shape, rgb):
    x, w, bias = arguments(shape, rgb)
    y = ops.to_rgb(*(tf.constant(a, tf.float32) for a in (x, w, bias)), implementation, 0.5)
    assert y.shape == (*shape[:3], rgb)
    assert_close(y, expected(x, w, bias, 0.5), 2e-6)


@every_implementation
def test_many_rows(implementation):
    x, w, bias = arguments((1, 130, 257, 24))
    y = ops.to_rgb(*(tf.constant(a, tf.float32) for a in (x, w, bias)), implementation)
    assert_close(y, expected(x, w, bias), 2e-6)


@NO_COMPILED
@pytest.mark.parametrize("shape", [(0, 4, 4, 8), (1, 0, 4, 8)])
def test_no_images(shape):
    """oneDNN's convolution gives the wrong shape for these."""
    arrays = arguments(shape)
    y = ops.to_rgb(*(tf.constant(a, tf.float32) for a in arrays), implementation="compiled")
    assert y.shape == (*shape[:3], 3)


@every_implementation
def test_derivatives(implementation):
    """First ones, and those of the penalty on a gradient by the feature maps."""
    taken = arguments((1, 2, 3, 5))

    def ours(x, w, bias):
        return tf.reduce_sum(ops.to_rgb(x, w, bias, implementation, 0.5) ** 3)

    def theirs(x, w, bias):
        return (expected(x, w, bias, 0.5) ** 3).sum()

    for actual, exact in [(tf_gradients, gradients), (tf_penalty_gradients, penalty_gradients)]:
        for one, other in zip(actual(ours, taken), exact(theirs, taken), strict=True):
            assert_close(one, other, 1e-4)


@NO_COMPILED
@pytest.mark.parametrize("dtype", [tf.bfloat16, tf.float16])
def test_half_precision_is_summed_in_float32(dtype):
    x, w, bias = arguments((2, 5, 3, 24))
    x = tf.cast(x, dtype)
    y = ops.to_rgb(x, tf.constant(w, tf.float32), tf.constant(bias, tf.float32))
    assert y.dtype == tf.float32
    assert_close(y, expected(tf.cast(x, tf.float64).numpy(), w, bias), 2e-6)


def test_graph_of_unknown_sizes():
    x, w, bias = (tf.constant(a, tf.float32) for a in arguments((2, 4, 5, 3)))
    spec = tf.TensorSpec([None, None, None, 3])
    graph = tf.function(lambda x: ops.to_rgb(x, w, bias), [spec])
    assert graph.get_concrete_function().output_shapes.as_list() == [None, None, None, 3]
    assert_close(graph(x), ops.to_rgb(x, w, bias), 1e-6)


def test_graphs_for_others_have_ops_of_tensorflow_only():
    with ops.plain_tensorflow():
        types = op_types(lambda: ops.to_rgb(*map(tf.zeros, [(1, 2, 2, 8), (1, 1, 8, 3), (3,)])))
    assert not any(type.startswith("Stylegan") for type in types)
