"""Blur, up- and down-convolutions: facts beyond their oracles."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

import oracles
from compare import assert_close
from op_cases import IMPLEMENTATIONS
from stylegan_tf import ops

every_implementation = pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
every_kernel_size = pytest.mark.parametrize("size", [1, 3, 5])


def impulse(size: int):
    """[1, size, size, 1], 1 in the middle."""
    x = np.zeros([1, size, size, 1], np.float32)
    x[0, size // 2, size // 2] = 1
    return tf.constant(x)


@every_implementation
def test_blur_of_an_impulse_is_the_binomial_kernel(implementation):
    y = ops.blur2d(impulse(3), implementation)
    assert_close(y[0, :, :, 0], np.outer([1, 2, 1], [1, 2, 1]) / 16, 0)


@every_implementation
def test_blur_sees_zeros_outside(implementation):
    """An image of ones keeps 1 inside, loses a quarter at the edges and 7/16 in the corners."""
    y = ops.blur2d(tf.ones([1, 3, 3, 1]), implementation)[0, :, :, 0]
    assert_close(y, np.outer([3, 4, 3], [3, 4, 3]) / 16, 1e-6)


@every_implementation
def test_blur_keeps_channels_apart(implementation):
    y = ops.blur2d(tf.concat([impulse(3), tf.zeros([1, 3, 3, 1])], axis=-1), implementation)
    assert not np.any(y[..., 1])


@every_implementation
@every_kernel_size
def test_up_convolution_of_any_odd_kernel(size, implementation, rng):
    x, w = rng.standard_normal((2, 3, 4, 2)), rng.standard_normal((size, size, 2, 3))
    y = ops.upsample_conv2d(tf.constant(x, "float32"), tf.constant(w, "float32"), implementation)
    assert_close(y, oracles.upsample_conv2d(x, w), 1e-6)


@every_implementation
@every_kernel_size
def test_down_convolution_of_any_odd_kernel(size, implementation, rng):
    x, w = rng.standard_normal((2, 6, 4, 2)), rng.standard_normal((size, size, 2, 3))
    y = ops.conv2d_downsample(tf.constant(x, "float32"), tf.constant(w, "float32"), implementation)
    assert_close(y, oracles.conv2d_downsample(x, w), 1e-6)


@every_implementation
def test_up_convolution_correlates(implementation, rng):
    """Weights are in the unfused convention: not flipped (DESIGN 2.8)."""
    w = rng.standard_normal((3, 3, 1, 1))
    y = ops.upsample_conv2d(impulse(3), tf.constant(w, "float32"), implementation)
    enlarged = np.zeros([6, 6])
    enlarged[2:4, 2:4] = 1
    expected = signal.correlate2d(enlarged, w[:, :, 0, 0], "same")
    assert_close(y[0, :, :, 0], expected, 1e-6)


@pytest.mark.parametrize("op", [ops.upsample_conv2d, ops.conv2d_downsample])
@pytest.mark.parametrize("shape", [(2, 2), (3, 5)])
def test_kernels_without_a_middle_are_refused(op, shape):
    with pytest.raises(ValueError, match=f"w is {shape[0]}×{shape[1]}"):
        op(tf.zeros([1, 4, 4, 1]), tf.zeros([*shape, 1, 1]))


@pytest.mark.parametrize("shape", [(3, 4), (4, 3)])
def test_odd_sizes_cannot_be_halved(shape):
    with pytest.raises(ValueError, match=f"x is {shape[0]}×{shape[1]}"):
        ops.conv2d_downsample(tf.zeros([1, *shape, 1]), tf.zeros([3, 3, 1, 1]))
