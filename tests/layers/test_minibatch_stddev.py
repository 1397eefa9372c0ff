"""Minibatch standard deviation, against loops over groups, features and pixels."""

import math

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from stylegan_tf.layers import MinibatchStdDev


def by_loops(x, group_size, num_features):
    """[N, H, W, C] float64 → [N, num_features]: what is appended to every pixel of an image."""
    n, height, width, channels = x.shape
    size = min(group_size, n)
    groups, share = n // size, channels // num_features
    statistics = np.zeros([n, num_features])
    for first in range(groups):
        members = [first + groups * k for k in range(size)]  # n, n+2, n+4, n+6 for 8 in fours
        for feature in range(num_features):
            deviations = [
                math.sqrt(np.var(x[members, i, j, channel]) + 1e-8)
                for i in range(height)
                for j in range(width)
                for channel in range(feature * share, (feature + 1) * share)
            ]
            statistics[members, feature] = np.mean(deviations)
    return statistics


@pytest.mark.parametrize("num_features", [1, 2, 3])
@pytest.mark.parametrize(
    ("batch", "group_size"), [(8, 4), (4, 4), (12, 4), (8, 2), (6, 3), (3, 4), (2, 4), (1, 4)]
)
def test_matches_loops(batch, group_size, num_features, rng):
    x = rng.standard_normal((batch, 3, 2, 6))
    y = MinibatchStdDev(group_size, num_features)(tf.constant(x, tf.float32)).numpy()
    assert_close(y[..., :6], x, 1e-7)
    expected = by_loops(x, group_size, num_features)[:, None, None]
    assert_close(y[..., 6:], np.broadcast_to(expected, (batch, 3, 2, num_features)), 1e-6)


def test_equal_images_have_no_deviation(rng):
    x = tf.repeat(tf.constant(rng.standard_normal((1, 4, 4, 3)), tf.float32), 4, axis=0)
    assert_close(MinibatchStdDev()(x)[..., 3], np.full([4, 4, 4], 1e-4), 1e-6)  # √1e-8


def test_gradient_of_equal_images_is_finite(rng):
    """√ has no derivative at 0; this is where the 1e-8 matters."""
    x = tf.repeat(tf.constant(rng.standard_normal((1, 4, 4, 3)), tf.float32), 4, axis=0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = MinibatchStdDev()(x)[..., 3]
    assert np.all(np.isfinite(tape.gradient(y, x)))


@pytest.mark.parametrize("batch", [6, 10])
def test_a_batch_that_does_not_divide_is_refused(batch):
    with pytest.raises(ValueError, match=f"the batch is {batch}.*group_size, 4"):
        MinibatchStdDev()(tf.zeros([batch, 2, 2, 3]))


def test_features_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="num_features is 2; it must divide 3"):
        MinibatchStdDev(num_features=2)(tf.zeros([4, 2, 2, 3]))


def test_a_batch_known_only_in_the_graph(rng):
    x = rng.standard_normal((8, 2, 2, 4)).astype(np.float32)
    layer = MinibatchStdDev()
    graph = tf.function(layer, [tf.TensorSpec([None, 2, 2, 4])])
    assert_close(graph(x), layer(x), 1e-6)
