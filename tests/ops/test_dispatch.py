"""Which implementation runs, and who decides."""

import inspect

import pytest
import tensorflow as tf

from compare import assert_close
from graphs import op_types
from op_cases import CASES, IMPLEMENTATIONS, NO_COMPILED
from stylegan_tf import ops
from stylegan_tf.ops import dispatch, library, winograd


def test_every_op_says_what_it_runs_as_and_why():
    """An op is what takes an implementation."""
    public = {name: getattr(ops, name) for name in ops.__all__ if name != "implementation"}
    functions = {name: one for name, one in public.items() if inspect.isfunction(one)}
    names = [
        name
        for name, function in functions.items()
        if "implementation" in inspect.signature(function).parameters
    ]
    assert list(ops.implementation()) == sorted(names)
    assert {"affine_warp", "to_rgb", *(case.name.partition(" ")[0] for case in CASES)} == set(names)
    for text in ops.implementation().values():
        name, _, reason = text.partition(": ")
        assert name in ("compiled", "reference")
        assert reason


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_auto_is_an_available_implementation(implementation, rng):
    x = tf.constant(rng.standard_normal((1, 4, 4, 2)), tf.float32)
    assert_close(ops.blur2d(x, "auto"), ops.blur2d(x, implementation), 1e-6)


@pytest.mark.parametrize("name", ["auto", "reference"])
def test_environment_variable_stands_in_for_auto(name, monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", name)
    assert ops.blur2d(tf.zeros([1, 2, 2, 1])).shape == (1, 2, 2, 1)


def test_bad_environment_variable_is_named(monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", "fast")
    with pytest.raises(ValueError, match="STYLEGAN_TF_OPS is 'fast'.*auto, compiled, reference"):
        ops.blur2d(tf.zeros([1, 2, 2, 1]))


def test_argument_goes_before_the_environment_variable(monkeypatch):
    monkeypatch.setenv("STYLEGAN_TF_OPS", "fast")
    assert ops.blur2d(tf.zeros([1, 2, 2, 1]), implementation="reference").shape == (1, 2, 2, 1)


def test_missing_compiled_ops_are_reported_not_replaced(monkeypatch):
    x, missing = tf.zeros([1, 2, 2, 1]), library.Library(None, "reference: no compiler", "log")
    monkeypatch.setattr(library, "load", lambda: missing)
    with pytest.raises(ops.OpsUnavailable, match="cannot be had: no compiler\nlog"):
        ops.blur2d(x, implementation="compiled")
    assert ops.blur2d(x).shape == x.shape
    for text in ops.implementation().values():
        assert text.startswith("reference: no compiler")
    monkeypatch.setenv("STYLEGAN_TF_OPS", "compiled")
    with pytest.raises(ops.OpsUnavailable, match="no compiler"):
        ops.blur2d(x)


# These have one on some machines and for some channels only: test_winograd.py.
OWN = [case for case in CASES if case.name not in ("conv2d", "modulated_conv2d")]


@NO_COMPILED
@pytest.mark.parametrize("case", OWN, ids=lambda case: case.name)
def test_auto_takes_the_compiled_op_and_plain_tensorflow_only_stock_ops(case, rng):
    arguments = [tf.constant(a, tf.float32) for a in case.arguments(rng, (1, 4, 4, 2))]
    ours = {kind for kind in op_types(case.op, *arguments) if kind.startswith("Stylegan")}
    assert ours
    with ops.plain_tensorflow():
        assert not {k for k in op_types(case.op, *arguments) if k.startswith("Stylegan")}
        with pytest.raises(ops.OpsUnavailable, match="for export"):
            case.op(*arguments, implementation="compiled")
    assert ours <= op_types(case.op, *arguments)


@NO_COMPILED
def test_xla_compiles_branches_of_ops(rng):
    x = tf.constant(rng.standard_normal((1, 4, 4, 2)), tf.float32)

    def branching(x):
        return tf.cond(tf.reduce_sum(x) > 0, lambda: ops.bias_act(x, [1.0, 2.0]), lambda: x)

    compiled = tf.function(branching, jit_compile=True)
    assert_close(compiled(x), branching(x), 1e-6)


@NO_COMPILED
def test_other_types_get_plain_tensorflow():
    x = tf.zeros([1, 2, 2, 1], tf.float64)
    assert ops.blur2d(x).dtype == tf.float64
    with pytest.raises(ops.OpsUnavailable, match="float32, bfloat16 and float16, not float64"):
        ops.blur2d(x, implementation="compiled")


def test_a_gpu_without_kernels_for_it_gets_plain_tensorflow(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0"])
    loaded = library.Library(object(), "compiled: x", cuda_reason="reference: no nvcc")
    monkeypatch.setattr(library, "load", lambda: loaded)
    assert ops.implementation()["blur2d"] == "reference: no nvcc"
    assert ops.blur2d(tf.zeros([1, 2, 2, 1])).shape == (1, 2, 2, 1)


CONVOLUTIONS = ("conv2d", "conv2d_downsample", "upsample_conv2d")


def test_on_a_gpu_convolutions_are_tensorflows_and_the_rest_is_compiled(monkeypatch, rng):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0"])
    monkeypatch.setattr(dispatch, "has_avx2", dispatch.has_avx2.__wrapped__)
    loaded = library.Library(object(), "compiled: x", "", True, "compiled: y for CUDA devices")
    monkeypatch.setattr(library, "load", lambda: loaded)
    found = ops.implementation()
    for name in ("bias_act", "blur2d", "style_epilogue"):
        assert found[name] == "compiled: y for CUDA devices"
    for name in (*CONVOLUTIONS, "to_rgb"):
        assert found[name].startswith("reference: on a GPU it is TensorFlow's own convolution")
    # Which is so: the module above has no op to call.
    x, w = tf.zeros([1, 2, 2, 16]), tf.zeros([3, 3, 16, 16])
    assert not winograd.suits(x, w)
    assert ops.conv2d(x, w).shape == x.shape
    assert ops.to_rgb(x, tf.zeros([1, 1, 16, 3]), tf.zeros([3])).shape == (1, 2, 2, 3)


@pytest.mark.parametrize("extension", ["AVX2", "NEON"])
def test_convolutions_are_compiled_for_cpus_with_avx2(extension, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    monkeypatch.setattr(dispatch, "vector_extensions", lambda: [extension])
    monkeypatch.setattr(dispatch, "has_avx2", dispatch.has_avx2.__wrapped__)
    loaded = library.Library(object(), "compiled: x", "", True, "compiled: y for CUDA devices")
    monkeypatch.setattr(library, "load", lambda: loaded)
    found = ops.implementation()
    assert found["bias_act"] == found["to_rgb"] == "compiled: x"  # whatever CUDA library there is
    is_compiled = {found[name].startswith("compiled: x") for name in CONVOLUTIONS}
    assert is_compiled == {extension == "AVX2"}
    is_taken = winograd.suits(tf.zeros([1, 2, 2, 16]), tf.zeros([3, 3, 16, 16]))
    assert {is_taken} == is_compiled
