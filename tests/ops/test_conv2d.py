"""A plain convolution in its two forms."""

import numpy as np
import pytest
import tensorflow as tf

import oracles
from compare import assert_close
from gradients import gradients, penalty_gradients, tf_gradients, tf_penalty_gradients
from stylegan_tf import ops
from stylegan_tf.ops import dispatch


@pytest.fixture(params=[True, False], ids=["transposed", "plain"])
def form(request, monkeypatch):
    """Which form is taken, for images of any size."""
    module = __import__("sys").modules[ops.conv2d.__module__]
    monkeypatch.setattr(dispatch, "avx2_at_most", lambda: request.param)
    monkeypatch.setattr(module, "MIN_PIXELS", 1)
    return "Conv2DBackpropInput" if request.param else "Conv2D"


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("shape", [(1, 6, 5, 3), (2, 4, 4, 2)])
def test_matches_float64(size, shape, form, rng):
    x, w = rng.standard_normal(shape), rng.standard_normal((size, size, shape[-1], 4))
    y = ops.conv2d(tf.constant(x, tf.float32), tf.constant(w, tf.float32))
    assert_close(y, oracles.conv2d(x, w), 2e-6)


def test_derivatives(form, rng):
    arguments = [rng.standard_normal((1, 4, 3, 2)), rng.standard_normal((3, 3, 2, 2))]
    weights = rng.standard_normal((1, 4, 3, 2))

    def actual(x, w):
        return tf.reduce_sum(ops.conv2d(x, w) ** 2 * weights)

    def expected(x, w):
        return (oracles.conv2d(x, w) ** 2 * weights).sum()

    for ours, theirs in [(tf_gradients, gradients), (tf_penalty_gradients, penalty_gradients)]:
        for one, other in zip(ours(actual, arguments), theirs(expected, arguments), strict=True):
            assert_close(one, other, 1e-4)


@pytest.mark.parametrize(("n", "plain"), [(1, False), (2, False), (1, True)])
def test_single_images_take_the_transposed_form_but_not_in_exported_graphs(n, plain, form):
    def types():
        graph = tf.function(lambda: ops.conv2d(tf.zeros([n, 4, 4, 2]), tf.zeros([3, 3, 2, 2])))
        return {op.type for op in graph.get_concrete_function().graph.get_operations()}

    if plain:
        with ops.plain_tensorflow():
            result = types()
    else:
        result = types()
    assert (form if n == 1 and not plain else "Conv2D") in result


def test_a_transposed_convolution_of_unknown_sizes_is_the_plain_one(form):
    spec = tf.TensorSpec([None, None, None, 2])
    graph = tf.function(lambda x: ops.conv2d(x, tf.ones([3, 3, 2, 2])), [spec])
    assert_close(graph(np.ones((1, 3, 3, 2), np.float32))[0, 1, 1], [18, 18], 1e-6)
