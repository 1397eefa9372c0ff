"""What registers the CUDA kernels with TensorFlow: here it registers the emulated ones, labelled.

They run beside the CPU's own kernels of the same ops, so inputs, attributes and shapes are tested
without a GPU.
"""

import numpy as np
import pytest
import tensorflow as tf

from compare import assert_close
from emulated_cuda import SOURCES, compile_objects, link
from stylegan_tf.ops import library, stablehlo, under_xla, xla

pytestmark = pytest.mark.slow
DTYPES = ["float32", "bfloat16", "float16"]
N, H, W, C = 2, 5, 6, 8


def tensor(*shape, dtype="float32"):
    return tf.random.stateless_normal(shape, [len(shape), sum(shape)], dtype=dtype)


def cases(dtype):
    """Inputs and attributes of every op, by its name."""
    x, dy = tensor(N, H, W, C, dtype=dtype), tensor(N, H, W, C, dtype=dtype) + 1
    bias, strength, style = tensor(C), tensor(C) + 1, tensor(N, 2 * C)
    noise = tensor(N, H, W, 1)
    activation = tf.nn.leaky_relu(tf.cast(x, tf.float32) + noise[:1] * strength + bias, 0.2)
    mean, variance = tf.nn.moments(activation, [1, 2])
    after = {"x": x, "strength": strength, "bias": bias, "style": style}
    back = {"dy": dy, "mean": mean, "rstd": tf.math.rsqrt(variance + 1e-8)}
    bounded = {"gain": 1.5, "clamp": 0.75}
    mapped = {"matrices": tensor(N, 2, 3), "taps": tensor(12)}
    prepared = {"scale": 0.3, "shifts": 2, "transposed": True}
    return {
        "bias_act": {"x": x, "bias": bias, "noise": noise[:1], "strength": tensor(), **bounded},
        "bias_act_grad": {"dy": dy, "y": x, "noise": True, **bounded},
        "masked_bias": {"g": dy, "bias": bias, "noise": noise, "y": x, **bounded},
        "blur": {"x": x},
        "upfirdn": {"x": x, "kernel": tensor(2, 3), "up": 2, "down": 3, "padding": [2, 1, -1, 3]},
        "affine_warp": {"x": tensor(N, H, W, 3), "transpose": True, **mapped},
        "conv_kernel": {"w": tensor(3, 3, 4, C), "T": dtype, **prepared},
        "conv_kernel_grad": {"g": tensor(4, 4, 4, C, dtype=dtype), **prepared},
        "epilogue": {**after, "noise": noise, "blur": True},
        "epilogue_grad": {**after, **back, "noise": noise[:1], "blur": False},
    }


@pytest.fixture(scope="session")  # a process can register kernels once
def kernels(objects, tmp_path_factory):
    """The ops, which have kernels labelled "emulated" now."""
    module = library.load().module
    if module is None:
        pytest.skip(library.load().reason)
    flags = ["-O0", "-w", *tf.sysconfig.get_compile_flags()]
    [adapter] = compile_objects(tmp_path_factory.mktemp("adapter"), [ADAPTER], flags)
    tf.load_op_library(str(link([*objects, adapter], tf.sysconfig.get_link_flags())))
    return module


ADAPTER = SOURCES / "tensorflow_gpu.cc"


def run(kernels, name, arguments, label=""):
    """Calls an op in a graph that asks for kernels of a label."""
    op = "Stylegan" + name.title().replace("_", "")

    @tf.function
    def graph():
        xla.stay_outside()
        with tf.compat.v1.get_default_graph()._kernel_label_map({op: label}):
            return getattr(kernels, f"stylegan_{name}")(**arguments)

    result = graph()
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", cases("float32"))
def test_computes_what_the_cpu_kernels_do(kernels, name, dtype):
    arguments = cases(dtype)[name]
    tolerance = {"float32": 1e-5, "bfloat16": 8e-3, "float16": 1e-3}[dtype]
    actual, expected = (run(kernels, name, arguments, label) for label in ("emulated", ""))
    for one, other in zip(actual, expected, strict=True):
        assert one.dtype == other.dtype
        assert_close(tf.cast(one, tf.float64), tf.cast(other, tf.float64), tolerance)


@pytest.fixture
def in_xla(kernels, monkeypatch):
    """Calls an op in a program of XLA, which calls the emulated kernel."""
    if library.load().xla_reason:
        pytest.skip(library.load().xla_reason)
    call = stablehlo.call
    monkeypatch.setattr(under_xla, "_has_gpu", lambda: True)  # for the workspaces
    monkeypatch.setattr(
        stablehlo, "call", lambda name, *rest: call(name.replace(".", ".emulated.", 1), *rest)
    )

    def run(name, arguments):
        wherever = kernels.wherever_possible()
        program = tf.function(
            lambda: getattr(wherever, f"stylegan_{name}")(**arguments), jit_compile=True
        )
        target = f"stylegan_tf.emulated.Stylegan{name.title().replace('_', '')}."
        assert target in program.experimental_get_compiler_ir()(stage="hlo")
        return tf.nest.flatten(program())

    return run


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", cases("float32"))
def test_programs_of_xla_call_it(kernels, in_xla, name, dtype):
    arguments = cases(dtype)[name]
    actual, expected = in_xla(name, arguments), run(kernels, name, arguments, "emulated")
    for one, other in zip(actual, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 3, 300, 8), (40, 1, 7, 5), (1, 9, 2, 600)])
def test_workspaces_under_xla_are_large_enough(kernels, in_xla, shape):
    n, h, w, c = shape
    x, maps = tensor(*shape), tensor(n, c)
    sums = {"dy": x, "y": x, "gain": 1.0, "clamp": np.inf, "noise": True}
    style = {"x": x, "noise": tensor(n, h, w, 1), "strength": tensor(c), "bias": tensor(c)}
    style |= {"style": tensor(n, 2 * c), "blur": True}
    grad = {"dy": x, **style, "mean": maps, "rstd": maps}
    for name, arguments in (("bias_act_grad", sums), ("epilogue", style), ("epilogue_grad", grad)):
        expected = run(kernels, name, arguments, "emulated")
        for one, other in zip(in_xla(name, arguments), expected, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("name", "none"),
    [
        ("epilogue", tf.zeros([0, 0, 0, 0])),
        ("bias_act", tf.zeros([0])),
        ("bias_act_grad", False),
        ("masked_bias", tf.zeros([0])),
    ],
)
def test_no_noise_is_an_empty_tensor(kernels, name, none):
    arguments = {**cases("float32")[name], "noise": none}
    actual, expected = (run(kernels, name, arguments, label) for label in ("emulated", ""))
    for one, other in zip(actual, expected, strict=True):
        assert_close(one, other, 1e-5)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("bias_act", {"bias": tensor(C + 1)}, "bias must have an entry per channel"),
        ("bias_act", {"noise": tensor(3, H, W, 1)}, "noise must be"),
        ("bias_act", {"strength": tensor(C)}, "strength must be one number"),
        ("bias_act_grad", {"y": tensor(N, H, W, C + 1)}, "dy and y must have the same shape"),
        ("blur", {"x": tensor(H, W, C)}, "x must be"),
        ("upfirdn", {"padding": [-9, 0, 0, 0]}, "smaller than the kernel"),
        ("upfirdn", {"up": 0}, "up and down must be at least 1"),
        ("affine_warp", {"x": tensor(N, 1, W, 3)}, "at least 2×2"),
        ("affine_warp", {"matrices": tensor(3, 2, 3)}, "matrices must be"),
        ("conv_kernel", {"w": tensor(3, 4, 2, 2)}, "the kernel must be"),
        ("conv_kernel", {"shifts": 3}, "shifts must be 1 or 2"),
        ("epilogue", {"noise": tensor(3, H, W, 1)}, "noise must be"),
        ("epilogue", {"style": tensor(N, C)}, "style must be"),
        ("epilogue_grad", {"rstd": tensor(N)}, "mean and rstd must be"),
    ],
)
def test_wrong_shapes_are_refused(kernels, name, wrong, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        run(kernels, name, {**cases("float32")[name], **wrong}, "emulated")


def test_no_images(kernels):
    arguments = cases("float32")["epilogue_grad"]
    images = ("x", "dy", "style", "mean", "rstd")
    empty = {key: one[:0] if key in images else one for key, one in arguments.items()}
    for result in run(kernels, "epilogue_grad", empty, "emulated"):
        assert not np.any(result)
