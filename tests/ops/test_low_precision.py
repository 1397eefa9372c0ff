"""Convolutions of half-precision numbers, on CPUs with and without the arithmetic."""

import pytest
import tensorflow as tf

import machines
from compare import assert_close
from stylegan_tf import ops

NONE, ALL = ["AVX2"], ["AVX-512", "AVX-512 FP16"]
every_op = pytest.mark.parametrize("op", [ops.conv2d, ops.upsample_conv2d, ops.conv2d_downsample])
every_dtype = pytest.mark.parametrize("dtype", [tf.bfloat16, tf.float16])


def arguments(dtype, side=8):
    shapes = [(2, side, side, 16), (3, 3, 16, 8)]
    return [tf.cast(tf.random.stateless_normal(one, one[:2]), dtype) for one in shapes]


def convolved_types(op, dtype) -> set:
    """The types that the convolutions of a graph compute in."""
    graph = tf.function(lambda: op(*arguments(dtype))).get_concrete_function().graph
    return {one.inputs[-1].dtype for one in graph.get_operations() if one.type.startswith("Conv2D")}


@every_op
@every_dtype
@pytest.mark.parametrize(
    ("gpus", "extensions", "widened"), [(0, NONE, True), (0, ALL, False), (1, NONE, False)]
)
def test_they_take_float32_where_the_machine_lacks_theirs(
    op, dtype, gpus, extensions, widened, monkeypatch
):
    machines.pretend(monkeypatch, gpus, extensions)
    assert convolved_types(op, dtype) == {tf.float32 if widened else dtype}


@every_op
@every_dtype
def test_graphs_for_other_machines_have_their_own_type(op, dtype, monkeypatch):
    machines.pretend(monkeypatch, 0, NONE)
    with ops.plain_tensorflow():
        assert convolved_types(op, dtype) == {dtype}


@every_op
@every_dtype
def test_sums_are_rounded_once(op, dtype, monkeypatch):
    """144 products: one rounding of the kernel and one of the sum, not one of every sum."""
    machines.pretend(monkeypatch, 0, NONE)
    x, w = arguments(dtype)
    expected = op(tf.cast(x, tf.float32), tf.cast(w, tf.float32))
    y = op(x, w)
    assert y.dtype == dtype
    step = {tf.bfloat16: 2**-8, tf.float16: 2**-11}[dtype]
    assert_close(tf.cast(y, tf.float64), expected, 2 * step)
