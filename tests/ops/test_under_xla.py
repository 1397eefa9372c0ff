"""Kernels that programs of XLA call: where they do, and what they compute."""

import dataclasses
import functools
import re

import numpy as np
import pytest
import tensorflow as tf

import tiny
from compare import assert_close
from graph_cases import ARGUMENTS, arguments, called, gradients, made, penalty_gradients
from op_cases import NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops import dispatch, library, stablehlo, under_xla
from stylegan_tf.ops.xla import Kernels

NO_CALLS = pytest.mark.skipif(
    library.load().module is None or library.load().xla_reason != "",
    reason=library.load().xla_reason or library.load().reason,
)
needs_avx2 = pytest.mark.skipif(not dispatch.has_avx2(), reason="no AVX2")
WARP = functools.partial(ops.affine_warp, matrices=[[[0.9, 0.2, 3.0], [-0.2, 0.9, -2.0]]] * 2)
EVERY = {**ARGUMENTS, "affine_warp": (WARP, [(2, 6, 8, 3)])}
MAY_LACK = {"conv2d", "conv2d, wide", "modulated_conv2d"}  # where the CPU or the channels do


def compiled(function):
    return tf.function(function, jit_compile=True, autograph=False)


@pytest.fixture
def requested(monkeypatch):
    """The kernels are called wherever they can be."""
    monkeypatch.setenv("STYLEGAN_TF_OPS", "compiled")


@NO_CALLS
@pytest.mark.parametrize("name", EVERY)
def test_a_kernel_and_its_gradients(name, rng, requested):
    op, shapes = EVERY[name]
    inputs = arguments(rng, shapes)
    program = compiled(functools.partial(gradients, op))
    assert called(program, *inputs) or name in MAY_LACK
    with ops.plain_tensorflow(), pytest.MonkeyPatch.context() as patch:
        patch.delenv("STYLEGAN_TF_OPS")
        expected = gradients(op, *inputs)
    for one, other in zip(program(*inputs), expected, strict=True):
        assert_close(one, other, 1e-5)


@NO_CALLS
@pytest.mark.slow
@pytest.mark.parametrize("name", EVERY)
def test_second_derivatives(name, rng, requested):
    op, shapes = EVERY[name]
    inputs = arguments(rng, shapes)
    program = compiled(functools.partial(penalty_gradients, op))
    for one, other in zip(program(*inputs), penalty_gradients(op, *inputs), strict=True):
        assert_close(one, other, 5e-5)


@NO_CALLS
@pytest.mark.parametrize(("dtype", "tolerance"), [("bfloat16", 2e-2), ("float16", 2e-3)])
@pytest.mark.parametrize("name", ["bias_act", "style_epilogue with blur", "upfirdn2d"])
def test_half_precision(name, dtype, tolerance, rng, requested):
    op, shapes = EVERY[name]
    x, *rest = arguments(rng, shapes)
    x = tf.cast(x, dtype)
    program = compiled(functools.partial(gradients, op))
    assert called(program, x, *rest)
    for one, other in zip(program(x, *rest), gradients(op, x, *rest), strict=True):
        assert one.dtype == other.dtype
        assert_close(tf.cast(one, tf.float64), tf.cast(other, tf.float64), tolerance)


@NO_CALLS
@needs_avx2
def test_the_table_says_where_auto_calls_them(rng):
    (x, w), bias = arguments(rng, [(2, 8, 8, 16), (3, 3, 16, 16)]), tf.zeros([16])

    def computed(x, w):
        y = ops.conv2d(ops.bias_act(ops.blur2d(x), bias), w)
        return ops.upfirdn2d(y, tf.ones([2, 2]), up=2, padding=(1, 0, 1, 0))

    program = compiled(functools.partial(gradients, computed))
    expected = {"StyleganBlur": 2, "StyleganUpfirdn": 2, "StyleganWinograd": 2}
    assert called(program, x, w) == {**expected, "StyleganWinogradGrad": 1}
    assert all(under_xla.KERNELS[op].on_cpu for op in expected)
    assert not under_xla.KERNELS["StyleganBiasAct"].on_cpu


@NO_CALLS
@pytest.mark.parametrize("name", ["blur2d", "upfirdn2d", "style_epilogue", "conv2d, wide"])
def test_one_trace_takes_images_of_any_number_and_size(name, rng, requested):
    op, ((_, h, w, c), *rest) = EVERY[name]
    traces = []

    def traced(x, *rest):
        traces.append(x)
        return gradients(op, x, *rest)

    unknown = [tf.TensorSpec([None, None, None, c])]
    unknown += [tf.TensorSpec([None] * (len(one) - 1) + [one[-1]]) for one in rest]
    program = tf.function(traced, unknown, autograph=False, jit_compile=True)
    for n, more in ((1, 0), (3, 2)):
        shapes = [(n, h + more, w + more, c)]
        shapes += [(n, h + more, w + more, 1) if one[-1] == 1 else one for one in rest]
        shapes = [(n, *one[1:]) if len(one) == 2 else one for one in shapes]
        inputs = arguments(rng, shapes)
        for one, other in zip(program(*inputs), gradients(op, *inputs), strict=True):
            assert_close(one, other, 1e-5)
    assert len(traces) == 1


@NO_CALLS
def test_loops_and_branches_call_them(rng):
    (x,) = arguments(rng, [(2, 4, 4, 3)])

    def looping(x):
        def body(i, x):
            return i + 1, tf.cond(tf.reduce_sum(x) > 1e9, lambda: x, lambda: ops.blur2d(x))

        return tf.while_loop(lambda i, x: i < 3, body, (0, x), maximum_iterations=3)[1]

    program = compiled(functools.partial(gradients, looping))
    assert called(program, x) == {"StyleganBlur": 2}  # of the loop and of its gradient
    for one, other in zip(program(x), gradients(looping, x), strict=True):
        assert_close(one, other, 1e-6)


@NO_CALLS
def test_functions_that_were_traced_outside_call_them_too(rng):
    (x,) = arguments(rng, [(2, 4, 4, 3)])
    outside = tf.function(functools.partial(gradients, ops.blur2d))
    outside(x)
    program = compiled(lambda x: outside(x))
    assert called(program, x) == {"StyleganBlur": 2}
    assert_close(program(x)[1], outside(x)[1], 1e-6)


@NO_CALLS
def test_an_argument_holds_for_the_derivatives_and_goes_before_the_table(rng):
    x, bias = arguments(rng, [(2, 4, 4, 3), (3,)])
    op = functools.partial(ops.bias_act, implementation="compiled")
    program = compiled(functools.partial(penalty_gradients, op))
    assert set(called(program, x, bias)) == {
        "StyleganBiasAct",
        "StyleganBiasActGrad",
        "StyleganMaskedBias",
    }
    assert not called(compiled(lambda x: ops.blur2d(x, "reference")), x)


@NO_CALLS
def test_what_a_kernel_refuses_is_an_error_with_its_message(rng):
    x, noise, one, style = arguments(rng, [(2, 4, 4, 3), (3, 4, 4, 1), (3,), (2, 6)])
    program = compiled(lambda *inputs: ops.style_epilogue(*inputs))
    with pytest.raises(tf.errors.InvalidArgumentError, match="noise must be"):
        program(x, noise, one, one, style)


@NO_COMPILED
def test_where_xla_cannot_call_them_it_compiles_plain_tensorflow(rng, monkeypatch):
    """As with TensorFlow 2.15, and with one of another version of XLA's interface."""
    (x,) = arguments(rng, [(2, 4, 4, 3)])
    loaded = library.load()
    kernels, reason = Kernels(loaded.module._module, has_calls=False), "of another version"
    without = dataclasses.replace(loaded, module=kernels, xla_reason=reason)
    monkeypatch.setattr(library, "load", lambda: without)
    direct = compiled(functools.partial(gradients, ops.blur2d))
    outside = tf.function(functools.partial(gradients, ops.blur2d))
    for program in (direct, compiled(lambda x: outside(x))):
        assert not called(program, x)
        assert_close(program(x)[1], gradients(ops.blur2d, x)[1], 1e-6)
    with pytest.raises(ops.OpsUnavailable, match="XLA compiles this function: of another version"):
        compiled(lambda x: ops.blur2d(x, "compiled"))(x)


@NO_CALLS
def test_on_a_gpu_the_default_is_plain_tensorflow(rng, monkeypatch):
    (x,) = arguments(rng, [(2, 4, 4, 3)])
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: ["GPU:0"])
    loaded = dataclasses.replace(library.load(), cuda=True)
    monkeypatch.setattr(library, "load", lambda: loaded)
    assert not called(compiled(lambda x: ops.blur2d(x)), x)
    assert called(compiled(lambda x: ops.blur2d(x, "compiled")), x) == {"StyleganBlur": 1}
    assert not called(compiled(lambda x: ops.blur2d(x, "reference")), x)


@NO_CALLS
def test_attributes_are_taken_as_the_op_has_them(rng, requested):
    """A float may be given as an int, sizes as NumPy's."""
    x, w, bias = arguments(rng, [(2, 4, 4, 3), (1, 1, 3, 2), (2,)])
    program = compiled(lambda x: ops.to_rgb(x, w, bias, scale=2))
    assert called(program, x) == {"StyleganToRgb": 1}
    assert_close(program(x), ops.to_rgb(x, w, bias, scale=2.0), 1e-6)
    two, padding = np.int64(2), np.array([1, 0, 1, 0])
    program = compiled(lambda x: ops.upfirdn2d(x, tf.ones([2, 2]), two, padding=padding))
    assert_close(program(x), ops.upfirdn2d(x, tf.ones([2, 2]), 2, padding=(1, 0, 1, 0)), 1e-6)


@NO_CALLS
@pytest.mark.slow
def test_a_step_calls_a_kernel_a_layer_and_has_fewer_loops_than_a_plain_one():
    generator = tiny.generator(resolution=8)
    discriminator, z = tiny.discriminator(resolution=8), tiny.latents(2)

    def step(z):
        with tf.GradientTape() as tape:
            images = generator(z, noise="constant")
            loss = tf.reduce_sum(tf.nn.softplus(-discriminator(images)))
        return [loss, *tape.gradient(loss, generator.trainable_variables)]

    kernels, loops = made(step, z)
    assert kernels["StyleganEpilogue"] == kernels["StyleganEpilogueGrad"] == 4  # two of 4², of 8²
    assert kernels["StyleganBlur"] == 2  # before D halves its features, and in the gradient
    with ops.plain_tensorflow():
        none, more = made(step, z)
    assert not none
    assert loops < more


def test_every_kernel_has_its_results_and_a_line_in_the_table():
    registered = {
        name
        for path in (library.build.KERNELS).glob("*.cc")
        for name in re.findall(r'"(Stylegan\w+)"', path.read_text())
    }
    assert registered == set(under_xla.KERNELS)


def test_a_program_computes_the_sizes_that_are_not_known():
    """Numbers are text in StableHLO: every float32 comes out as it was."""
    x = tf.TensorSpec([None, 4, None, 3])
    scale = float(np.float32(1 / 3))

    def results(x):
        n, h, w, c = x.shape
        return [stablehlo.Array((n, h * 2, (w * 2 + 3 - h) // 2, c), x.dtype)]

    attributes = {"scale": scale, "up": 2, "padding": [1, -2], "transposed": True}
    text, (array,) = stablehlo.program("name", [x], attributes, results)
    assert array.static_shape == [None, 8, None, 3]
    assert "-> (tensor<?x8x?x3xf32>)" in text
    for line in ("get_dimension_size %arg0, dim = 2", "multiply", "add", "subtract", "divide"):
        assert f"stablehlo.{line}" in text
    assert "padding = array<i32: 1, -2>, transposed = true" in text
    assert np.float32(re.search(r"scale = (\S+) : f32", text)[1]) == np.float32(scale)
