"""Winograd's convolutions, held against TensorFlow's in float64."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import graphs
import machines
import oracles
from compare import assert_close
from op_cases import NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops.winograd import DOWN, NONE, UP, winograd

pytestmark = NO_COMPILED
every_resample = pytest.mark.parametrize("resample", [NONE, UP, DOWN], ids=["none", "up", "down"])
every_turn = pytest.mark.parametrize("transposed", [False, True], ids=["straight", "transposed"])
# Few pixels and many take different forms; all end within a square and a block.
FEW, MANY, ODD = (2, 6, 10, 16), (1, 66, 70, 16), (1, 61, 71, 16)
sizes = pytest.mark.parametrize("shape", [FEW, MANY, ODD], ids=["few", "many", "odd"])
# The forms for many pixels add and subtract multiples up to 8.
TOLERANCE = 1e-5


def expected(x, w, scale=1.0, resample=NONE, transposed=False):
    """The same by definition."""
    if transposed:
        w = tf.transpose(w[::-1, ::-1], [0, 1, 3, 2])
    if resample == UP:
        x = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
    y = tf.nn.conv2d(x, w * tf.cast(scale, w.dtype), 1, "SAME")
    return 4 * tf.nn.avg_pool2d(y, 2, 2, "VALID") if resample == DOWN else y


def arrays(shape, filters=32, transposed=False, resample=NONE):
    """Returns an image and weights that are exact in float32; DOWN gets even sides."""
    if resample == DOWN:
        n, h, w, c = shape
        shape = (n, h + h % 2, w + w % 2, c)
    rng = np.random.default_rng(0)
    channels = (filters, shape[-1]) if transposed else (shape[-1], filters)
    values = (
        rng.standard_normal(shape, np.float32),
        rng.standard_normal((3, 3, *channels), np.float32),
    )
    return [one.astype(np.float64) for one in values]


def floats(*values):
    return [tf.constant(value, tf.float32) for value in values]


@every_resample
@every_turn
@given(
    n=st.integers(1, 3),
    h=st.integers(1, 9),
    w=st.integers(1, 9),
    channels=st.sampled_from([16, 48]),
    filters=st.sampled_from([16, 32]),
)
def test_few_pixels(resample, transposed, n, h, w, channels, filters):
    shape = (n, 2 * h, 2 * w, channels) if resample == DOWN else (n, h, w, channels)
    x, weights = arrays(shape, filters, transposed)
    y = winograd(*floats(x, weights), 0.5, resample, transposed)
    assert_close(y, expected(x, weights, 0.5, resample, transposed), 1e-6)


@every_resample
@every_turn
@pytest.mark.parametrize("shape", [MANY, ODD, (1, 64, 64, 32), (3, 1, 1370, 16), (5, 34, 30, 16)])
def test_many_pixels(resample, transposed, shape):
    x, weights = arrays(shape, 48, transposed, resample)
    y = winograd(*floats(x, weights), 0.5, resample, transposed)
    assert_close(y, expected(x, weights, 0.5, resample, transposed), TOLERANCE)


@every_resample
@pytest.mark.parametrize("shape", [(0, 4, 4, 16), (2, 0, 4, 16), (1, 4, 0, 16)])
def test_no_pixels(resample, shape):
    x, w = floats(*arrays(shape))
    with tf.GradientTape() as tape:
        tape.watch([x, w])
        y = winograd(x, w, resample=resample)
    assert tf.size(y) == 0
    dx, dw = tape.gradient(y, [x, w])
    assert dx.shape == shape
    assert not np.any(dw)


@every_resample
@every_turn
@sizes
def test_derivatives(resample, transposed, shape):
    """First ones, and those of the penalty on a gradient by the image (R1)."""
    values = arrays(shape, 32, transposed, resample)
    result = expected(*values, 1, resample, transposed)
    directions = np.random.default_rng(1).standard_normal(result.shape)

    def derivatives(function, dtype):
        x, w = (tf.constant(value, dtype) for value in values)
        with tf.GradientTape() as outer:
            outer.watch([x, w])
            with tf.GradientTape() as inner:
                inner.watch([x, w])
                y = function(x, w, 0.5, resample, transposed)
                total = tf.reduce_sum((y + y * y) * tf.cast(directions, dtype))
            first = inner.gradient(total, [x, w])
            penalty = tf.reduce_sum(first[0] ** 2) + tf.reduce_sum(first[1] ** 2)
        return [*first, *outer.gradient(penalty, [x, w])]

    ours, exact = derivatives(winograd, tf.float32), derivatives(expected, tf.float64)
    for one, other in zip(ours, exact, strict=True):
        largest = np.abs(other).max()
        assert_close(one / largest, other / largest, 3 * TOLERANCE)


def weight_gradient(function, x, w, dy, resample, transposed=False):
    with tf.GradientTape() as tape:
        tape.watch(w)
        y = function(x, w, 0.5, resample, transposed)
    return tape.gradient(y, w, dy)


@every_resample
@every_turn
def test_the_gradient_by_the_weights_adds_up_over_several_rounds(resample, transposed):
    """So many pixels and channels that their products are not made at once.

    The error grows with the square root of the pixels: a sum takes one after the other.
    """
    x, w = arrays((1, 130, 122, 48), 48, transposed)
    shape = expected(x, w, 1, resample, transposed).shape
    dy = np.random.default_rng(1).standard_normal(shape)
    ours = weight_gradient(winograd, *floats(x, w, dy), resample, transposed)
    exact = weight_gradient(expected, *map(tf.constant, (x, w, dy)), resample, transposed)
    largest = np.abs(exact).max()
    assert_close(ours / largest, exact / largest, 3 * TOLERANCE)


every_half = pytest.mark.parametrize("dtype", [tf.bfloat16, tf.float16])


@every_resample
@sizes
@every_half
def test_half_precision_weights_get_gradients_in_float32(resample, shape, dtype):
    """All sums are: no error is left but that of float32."""
    x, w = arrays(shape, 32, False, resample)
    dy = np.random.default_rng(1).standard_normal(expected(x, w, 1, resample).shape)
    x, dy = (tf.cast(value, dtype) for value in (x, dy))
    ours = weight_gradient(winograd, x, *floats(w), dy, resample)
    assert ours.dtype == tf.float32
    x, dy = (tf.cast(value, tf.float64) for value in (x, dy))
    exact = weight_gradient(expected, x, tf.constant(w), dy, resample)
    largest = np.abs(exact).max()
    assert_close(ours / largest, exact / largest, TOLERANCE)


@every_resample
@sizes
@every_half
def test_half_precision_is_summed_in_float32_and_rounded_once(resample, shape, dtype):
    x, w = arrays(shape, 32, False, resample)
    x = tf.cast(x / 4, dtype)
    y = winograd(x, tf.constant(w, tf.float32), 0.25, resample)
    assert y.dtype == dtype
    exact = expected(tf.cast(x, tf.float64), w, 0.25, resample).numpy()
    step = {tf.bfloat16: 2**-7, tf.float16: 2**-10}[dtype]
    error = np.abs(tf.cast(y, tf.float64) - exact)
    assert np.all(error <= step / 2 * np.abs(exact) + TOLERANCE * np.abs(exact).max())


@every_resample
def test_graph_of_unknown_sizes(resample):
    x, w = floats(*arrays(FEW))
    spec = tf.TensorSpec([None, None, None, 16])
    graph = tf.function(lambda x: winograd(x, w, resample=resample), [spec])
    assert graph.get_concrete_function().output_shapes.as_list() == [None, None, None, 32]
    assert_close(graph(x), winograd(x, w, resample=resample), 0)


@every_resample
@sizes
def test_images_of_a_batch_do_not_affect_each_other(resample, shape):
    x, w = floats(*arrays((3, *shape[1:]), 32, False, resample))
    between = tf.constant([0, np.nan, 0])[:, None, None, None]
    together, spoiled = (winograd(one, w, resample=resample) for one in (x, x + between))
    for index in (0, 2):
        np.testing.assert_array_equal(spoiled[index], together[index])
    assert np.all(np.isnan(spoiled[1]))


def test_memory_that_calls_share_leaves_nothing_behind():
    """Small after large, and from several threads at once, each gives its own bits."""
    cases = [floats(*arrays(shape, filters)) for shape in (MANY, FEW) for filters in (48, 16)]

    def both(case):
        x, w = case
        with tf.GradientTape() as tape:
            tape.watch(w)
            y = winograd(x, w)
        return y.numpy(), tape.gradient(y, w).numpy()

    alone = [both(case) for case in cases]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(both, cases * 8))
    for index, results in enumerate(together):
        for one, other in zip(results, alone[index % len(cases)], strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("shape", "weights", "resample", "message"),
    [
        ((1, 4, 4, 12), (3, 3, 12, 16), NONE, "fill vectors"),
        ((1, 4, 4, 16), (3, 3, 16, 12), NONE, "fill vectors"),
        ((1, 4, 4, 16), (3, 3, 32, 16), NONE, "take the channels"),
        ((1, 4, 4, 16), (5, 5, 16, 16), NONE, "3×3"),
        ((1, 3, 4, 16), (3, 3, 16, 16), DOWN, "must be even"),
    ],
)
def test_what_does_not_fit_is_refused(shape, weights, resample, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        winograd(tf.zeros(shape), tf.zeros(weights), resample=resample)


def op_types(op, channels=16, size=3, dtype=tf.float32, **options) -> set[str]:
    """The types of the ops that a graph of a convolution has."""
    x, w = tf.zeros([1, 8, 8, channels], dtype), tf.zeros([size, size, channels, 16])
    return graphs.op_types(lambda: op(x, w), **options)


every_op = pytest.mark.parametrize("op", [ops.conv2d, ops.upsample_conv2d, ops.conv2d_downsample])


AVX2, AVX512 = ["AVX2"], ["AVX2", "AVX-512"]


@every_op
@pytest.mark.parametrize(
    ("gpus", "extensions", "dtype", "taken"),
    [
        (0, AVX2, tf.float32, True),
        (0, AVX2, tf.bfloat16, True),
        (0, AVX512, tf.float32, True),
        (0, AVX512, tf.bfloat16, False),
        (0, AVX512, tf.float16, True),
        (0, [*AVX512, "AVX-512 FP16"], tf.float16, False),
        (1, AVX2, tf.float32, False),
        (0, [], tf.float32, False),
    ],
)
def test_cpus_take_it_except_in_fast_half_precision(
    op, gpus, extensions, dtype, taken, monkeypatch
):
    machines.pretend(monkeypatch, gpus, extensions)
    assert ("StyleganWinograd" in op_types(op, dtype=dtype)) == taken


@every_op
def test_the_ops_are_what_they_were(op, monkeypatch):
    """With factors of their own: one sums, the other takes means."""
    machines.pretend(monkeypatch, 0, ["AVX2"])
    x, w = arrays(FEW)
    y = op(*floats(x, w), scale=0.3)
    assert_close(y, 0.3 * getattr(oracles, op.__name__)(x, w), 1e-6)


@every_op
def test_other_kernels_do_not(op, monkeypatch):
    machines.pretend(monkeypatch, 0, ["AVX2"])
    assert "StyleganWinograd" not in op_types(op, channels=24)
    assert "StyleganWinograd" not in op_types(op, size=1)
    assert "StyleganWinograd" not in op_types(op, size=5)


@every_op
def test_neither_do_graphs_for_others(op, monkeypatch):
    machines.pretend(monkeypatch, 0, ["AVX2"])
    with ops.plain_tensorflow():
        assert "StyleganWinograd" not in op_types(op)
    assert "StyleganWinograd" not in op_types(op, jit_compile=True)
    monkeypatch.setenv("STYLEGAN_TF_OPS", "reference")
    assert "StyleganWinograd" not in op_types(op)
