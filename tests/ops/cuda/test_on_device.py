"""The compiled ops on a GPU, beside plain TensorFlow in float32 on the same GPU."""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from op_cases import CASES
from stylegan_tf import ops
from stylegan_tf.ops import library

pytestmark = pytest.mark.gpu
every_op = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
every_dtype = pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 2e-5), ("bfloat16", 3e-2), ("float16", 4e-3)]
)
SHAPES = [(2, 5, 7, 3), (3, 4, 4, 5), (2, 16, 16, 64), (1, 33, 130, 16), (2, 8, 8, 512)]


@pytest.fixture(autouse=True)
def whole_float32():
    """TensorFloat-32 would round what convolutions read to 10 bits."""
    if not library.load().cuda:
        pytest.skip(library.load().cuda_reason)
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    yield
    tf.config.experimental.enable_tensor_float_32_execution(before)


def constants(case, rng, shape, dtype):
    """The arguments on the GPU: what has four dimensions in `dtype`, the rest in float32."""
    with tf.device("GPU:0"):
        return [
            tf.identity(tf.constant(one, dtype if one.ndim == 4 else "float32"))
            for one in case.arguments(rng, shape)
        ]


def value_and_gradients(case, arguments, implementation):
    """What an op gives, and the gradient of a weighted sum of it by each argument."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        y = case.op(*arguments, implementation=implementation)
        weights = tf.cos(tf.range(tf.size(y), dtype=tf.float32))
        total = tf.reduce_sum(tf.reshape(tf.cast(y, tf.float32), [-1]) * weights)
    return y, tape.gradient(total, arguments)


@every_dtype
@every_op
def test_values_and_gradients_are_the_references(case, dtype, tolerance, rng):
    for shape in SHAPES:
        arguments = constants(case, rng, shape, dtype)
        y, gradients = value_and_gradients(case, arguments, "compiled")
        # In float32: the plain ops round sums to `dtype`, and may find another side of the kink.
        wide = [tf.cast(one, tf.float32) for one in arguments]
        expected, expected_gradients = value_and_gradients(case, wide, "reference")
        assert "GPU" in y.device
        assert_close(tf.cast(y, tf.float64), tf.cast(expected, tf.float64), tolerance)
        compared = list(zip(gradients, expected_gradients, strict=True))
        if dtype != "float32":
            compared = compared[:1]  # that of the noise is through a blur rounded to `dtype`
        for one, other in compared:
            wide = tf.cast(one, tf.float64)
            assert_close(wide, tf.cast(other, tf.float64), 4 * tolerance, str(shape))


@pytest.mark.parametrize("blur", [False, True])
@pytest.mark.parametrize("images", [None, 1, 2])
def test_epilogue_with_every_noise(blur, images, rng):
    values = [rng.standard_normal(one) for one in [(2, 9, 12, 16), (16,), (16,), (2, 32)]]
    x, strength, bias, style = (tf.constant(one, tf.float32) for one in values)
    noise = images and tf.constant(rng.standard_normal((images, 9, 12, 1)), tf.float32)
    strength = strength if images else None
    y, other = (
        ops.style_epilogue(x, noise, strength, bias, style, one, blur=blur)
        for one in ("compiled", "reference")
    )
    assert_close(y, other, 2e-5)


@pytest.mark.parametrize("shape", [(2, 2, 3, 1), (2, 33, 20, 3), (2, 128, 128, 6)])
def test_affine_warp_and_its_gradient(shape, rng):
    maps = [[[0.8, -0.4, 1.3], [0.5, 0.9, -2.2]], [[1.5, 0, 20], [0, -0.6, 0]]]
    x, dy = (tf.constant(rng.standard_normal(shape), tf.float32) for _ in range(2))
    results = []
    for implementation in ("compiled", "reference"):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = ops.affine_warp(x, maps, implementation)
        results.append((y, tape.gradient(y, x, dy)))
    for one, other in zip(*results, strict=True):
        assert_close(one, other, 1e-4)


@every_op
def test_two_runs_agree_to_the_last_bit(case, rng):
    arguments = constants(case, rng, (2, 33, 65, 16), "float32")
    first, second = (value_and_gradients(case, arguments, "compiled") for _ in range(2))
    for one, other in zip(tf.nest.flatten(first), tf.nest.flatten(second), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_more_than_two_billion_elements(rng):
    """Offsets need more than 32 bits. Needs about 9 GB of memory."""
    x = tf.zeros([1 << 17, 1 << 14 | 8], tf.float16)
    y = ops.bias_act(x, tf.ones([x.shape[1]]), implementation="compiled")
    np.testing.assert_array_equal(y[-1], np.ones(x.shape[1]))
