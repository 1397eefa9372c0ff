"""Pad, upsample, filter, downsample."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import signal

import oracles
from compare import assert_close
from op_cases import IMPLEMENTATIONS, SHAPES
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
TAPS = st.integers(1, 5)
FACTORS = st.integers(1, 3)
PADDING = st.tuples(*[st.integers(-2, 3)] * 4)


@every_implementation
@given(shape=SHAPES, taps=st.tuples(TAPS, TAPS), up=FACTORS, down=FACTORS)
def test_separable_kernels_against_scipy(implementation, shape, taps, up, down):
    """scipy.signal.upfirdn pads to the full convolution of what is between the zeros."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    column, row = (rng.standard_normal(size) for size in taps)
    padding = [side for size in taps for side in (size - 1, size - up)]
    y = ops.upfirdn2d(
        tf.constant(x, tf.float32), np.outer(column, row), up, down, padding, implementation
    )
    expected = signal.upfirdn(row, signal.upfirdn(column, x, up, down, axis=1), up, down, axis=2)
    assert_close(y, expected, 5e-6)


@every_implementation
@given(shape=SHAPES, taps=st.tuples(TAPS, TAPS), up=FACTORS, down=FACTORS, padding=PADDING)
def test_any_kernel_and_padding(implementation, shape, taps, up, down, padding):
    rng = np.random.default_rng(0)
    top, bottom, left, right = padding
    _, h, w, _ = shape
    assume(h * up + min(top, 0) + min(bottom, 0) > 0 and w * up + min(left, 0) + min(right, 0) > 0)
    assume(h * up + top + bottom >= taps[0] and w * up + left + right >= taps[1])
    x, kernel = rng.standard_normal(shape), rng.standard_normal(taps)
    y = ops.upfirdn2d(tf.constant(x, tf.float32), kernel, up, down, padding, implementation)
    assert_close(y, oracles.upfirdn2d(x, kernel, up, down, padding), 5e-6)


@every_implementation
def test_blur_is_a_case_of_it(implementation, rng):
    x = tf.constant(rng.standard_normal((2, 5, 4, 3)), tf.float32)
    y = ops.upfirdn2d(x, oracles.BINOMIAL, padding=(1, 1, 1, 1), implementation=implementation)
    assert_close(y, ops.blur2d(x), 1e-6)


@pytest.mark.parametrize("factors", [{"up": 0}, {"down": 0}, {"up": -1}])
def test_factors_below_one_are_refused(factors):
    with pytest.raises(ValueError, match="at least 1"):
        ops.upfirdn2d(tf.zeros([1, 4, 4, 1]), np.ones([1, 1]), **factors)


def test_padding_needs_four_numbers():
    with pytest.raises(ValueError, match=r"padding is \(1, 1\).*top, bottom, left, right"):
        ops.upfirdn2d(tf.zeros([1, 4, 4, 1]), np.ones([1, 1]), padding=(1, 1))


@every_implementation
@given(shape=SHAPES, up=FACTORS, down=FACTORS, padding=PADDING)
def test_derivatives_in_a_graph_that_does_not_know_the_size(
    implementation, shape, up, down, padding
):
    """The padding of the transpose depends on the size; here it is found out at run time."""
    rng = np.random.default_rng(0)
    kernel = rng.standard_normal((3, 2))
    sizes = [
        side * up + sum(pads)
        for side, pads in zip(shape[1:3], (padding[:2], padding[2:]), strict=True)
    ]
    assume(sizes[0] >= 3 and sizes[1] >= 2)
    x = tf.constant(rng.standard_normal(shape), tf.float32)

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = ops.upfirdn2d(x, kernel, up, down, padding, implementation)
            total = tf.reduce_sum(y**3)
        return tape.gradient(total, x)

    unknown = tf.TensorSpec([None, None, None, shape[-1]])
    assert_close(tf.function(gradient, [unknown])(x), gradient(x), 1e-5)
