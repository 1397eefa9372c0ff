"""What a convolution takes, made from stored weights: compiled, plain, and in float64."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import cuda_cases
from compare import assert_close
from op_cases import IMPLEMENTATIONS, NO_COMPILED
from stylegan_tf.ops.conv_kernel import conv_kernel

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
SCALE = 0.3  # no power of two: every product is rounded
LAYOUTS = [(1, False), (1, True), (2, False), (2, True)]
every_layout = pytest.mark.parametrize(("shifts", "transposed"), LAYOUTS)
# Channels of whole tiles, of parts of one, and of lanes that are not whole.
CHANNELS = st.one_of(st.integers(1, 20), st.sampled_from([64, 67, 128]))


def weights(size, c, d):
    return tf.random.stateless_normal([size, size, c, d], [c, d])


@every_implementation
@every_layout
@given(size=st.sampled_from([1, 3, 5]), c=CHANNELS, d=CHANNELS)
def test_matches_float64(shifts, transposed, implementation, size, c, d):
    w = weights(size, c, d)
    kernel = conv_kernel(w, "float32", SCALE, shifts, transposed, implementation)
    wide = w.numpy().astype(np.float64)
    [expected] = cuda_cases.conv_kernel(None, wide, SCALE, shifts, transposed)
    assert_close(kernel, expected, 3e-7)


@NO_COMPILED
@every_dtype
@every_layout
@given(c=CHANNELS, d=CHANNELS)
def test_the_factor_comes_first(shifts, transposed, dtype, c, d):
    """To the bit what TensorFlow's product gives, then shifted: trainings do not notice."""
    w = weights(3, c, d)
    kernels = [
        conv_kernel(w, dtype, SCALE, shifts, transposed, "compiled"),
        conv_kernel(w * SCALE, dtype, 1.0, shifts, transposed, "compiled"),
    ]
    assert kernels[0].dtype == tf.as_dtype(dtype)
    np.testing.assert_array_equal(*kernels)


@NO_COMPILED
@every_dtype
@pytest.mark.parametrize("transposed", [False, True])
@given(c=CHANNELS, d=CHANNELS)
def test_without_shifts_it_is_the_plain_one_to_the_bit(transposed, dtype, c, d):
    w = weights(3, c, d)
    both = [
        conv_kernel(w, dtype, SCALE, 1, transposed, implementation)
        for implementation in ("compiled", "reference")
    ]
    np.testing.assert_array_equal(*both)


@every_implementation
@every_dtype
@every_layout
def test_weights_get_their_gradients_in_float32(shifts, transposed, dtype, implementation):
    """Linear: the gradient's gradient is the kernel of whatever comes from above."""
    w, dy = weights(3, 5, 70), weights(3 + shifts - 1, *((70, 5) if transposed else (5, 70)))

    def kernel(w):
        return conv_kernel(w, dtype, SCALE, shifts, transposed, implementation)

    dy = tf.cast(dy, dtype)
    with tf.GradientTape() as outer:
        outer.watch(dy)
        with tf.GradientTape() as inner:
            inner.watch(w)
            y = kernel(w)
        dw = inner.gradient(y, w, dy)
    assert dw.dtype == tf.float32
    wide = dy.numpy().astype(np.float64)
    [expected] = cuda_cases.conv_kernel_grad(wide, SCALE, shifts, transposed)
    assert_close(dw, expected, {"float32": 5e-7, "bfloat16": 1e-2, "float16": 2e-3}[dtype])
    again = outer.gradient(dw, dy, w)
    assert again.dtype == dy.dtype
    assert_close(tf.cast(again, tf.float64), tf.cast(kernel(w), tf.float64), 1e-2)


@every_implementation
def test_weights_of_the_type_of_the_convolution_are_taken_too(implementation):
    w = tf.cast(weights(3, 4, 6), tf.bfloat16)
    kernel = conv_kernel(w, "bfloat16", 1.0, 2, True, implementation)
    expected = conv_kernel(tf.cast(w, tf.float32), "float32", 1.0, 2, True, "reference")
    assert_close(tf.cast(kernel, tf.float64), expected, 2e-2)
