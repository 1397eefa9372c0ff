"""Which implementation of an op runs: the compiled one where it can, plain TensorFlow elsewhere."""

import contextlib
import functools
import os
import threading

import tensorflow as tf

from ..machine import vector_extensions
from . import library

IMPLEMENTATIONS = ("auto", "compiled", "reference")
OPS = (
    "bias_act",
    "blur2d",
    "conv2d",
    "conv2d_downsample",
    "style_epilogue",
    "upfirdn2d",
    "upsample_conv2d",
)
DTYPES = (tf.float32, tf.bfloat16, tf.float16)

_plain = threading.local()


def kernels(implementation: str, dtype: tf.DType):
    """The module of compiled ops for a call, or None if plain TensorFlow is to do it.

    Args:
        implementation: `"auto"`, `"compiled"` or `"reference"`. The environment variable
            STYLEGAN_TF_OPS stands in for `"auto"`.
        dtype: that of the op's main input.

    Raises:
        ValueError: for another name.
        OpsUnavailable: for `"compiled"`, where it cannot be had; the message says why.
    """
    implementation = _resolved(implementation)
    if implementation == "reference":
        return None
    obstacle = _obstacle(dtype)
    if implementation == "compiled":
        if obstacle:
            raise library.OpsUnavailable(f"the compiled ops cannot be had: {obstacle}")
        return library.load().require()
    return None if obstacle else library.load().module


@contextlib.contextmanager
def plain_tensorflow():
    """Inside, `"auto"` is plain TensorFlow: for graphs that others run, without our library."""
    before = is_plain()
    _plain.asked = True
    try:
        yield
    finally:
        _plain.asked = before


def is_plain() -> bool:
    """Whether this is inside `plain_tensorflow()`."""
    return getattr(_plain, "asked", False)


def implementation() -> dict[str, str]:
    """What each op runs as on this machine, and why, by the op's name."""
    chosen = _resolved("auto")
    if chosen == "reference":
        return dict.fromkeys(OPS, "reference: STYLEGAN_TF_OPS says so")
    found = library.load()
    on_gpus = found.cuda or _gpu_without_kernels()
    return dict.fromkeys(OPS, found.cuda_reason if on_gpus else found.reason)


@functools.cache
def has_avx2() -> bool:
    """Whether convolutions run on an x86 CPU with AVX2, not on a GPU."""
    return not tf.config.list_physical_devices("GPU") and "AVX2" in vector_extensions()


def avx2_at_most() -> bool:
    """The same, without AVX-512."""
    return has_avx2() and "AVX-512" not in vector_extensions()


def _resolved(implementation: str) -> str:
    """Checks the name; the environment variable stands in for `"auto"`."""
    name = "implementation"
    if implementation == "auto" and "STYLEGAN_TF_OPS" in os.environ:
        name = "STYLEGAN_TF_OPS"
        implementation = os.environ[name]
    if implementation not in IMPLEMENTATIONS:
        allowed = ", ".join(IMPLEMENTATIONS)
        raise ValueError(f"{name} is {implementation!r}; it can be one of {allowed}")
    return implementation


def _obstacle(dtype: tf.DType) -> str | None:
    """Why this call cannot take the compiled ops, though they may be there."""
    if is_plain():
        return "this graph is for export, which has TensorFlow's own ops only"
    if dtype not in DTYPES:
        return f"they take float32, bfloat16 and float16, not {dtype.name}"
    if _in_xla():
        return "XLA compiles this function, and knows TensorFlow's own ops only"
    if _gpu_without_kernels():
        return library.load().cuda_reason.removeprefix("reference: ")
    return None


def _gpu_without_kernels() -> bool:
    # Ops without kernels for it would move their tensors off the GPU and back.
    found = library.load()
    compiled = found.module is not None
    return bool(compiled and not found.cuda and tf.config.list_physical_devices("GPU"))


def _in_xla() -> bool:
    """Whether a function with `jit_compile=True` is being traced, here or further out."""
    graph = None if tf.executing_eagerly() else tf.compat.v1.get_default_graph()
    while graph is not None:
        context = graph._get_control_flow_context()
        while context is not None:
            if context.IsXLAContext():
                return True
            context = context.outer_context
        graph = getattr(graph, "outer_graph", None)
    return False
