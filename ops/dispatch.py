"""Selects the implementation of an op: compiled where possible, else plain TensorFlow."""

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

from ..machine import vector_extensions
from . import library, under_xla, xla

IMPLEMENTATIONS = ("auto", "compiled", "reference")
DTYPES = (tf.float32, tf.bfloat16, tf.float16)

_thread = threading.local()


def kernels(implementation: str, dtype: tf.DType) -> Any:
    """Returns the module of compiled ops for a call, or None for plain TensorFlow.

    Args:
        implementation: `"auto"`, `"compiled"` or `"reference"`. The environment variable
            STYLEGAN_TF_OPS replaces `"auto"`.
        dtype: of the op's main input.

    Raises:
        ValueError: for another name.
        OpsUnavailable: for `"compiled"`, where it is not available; the message says why.
    """
    implementation = resolved(implementation)
    if implementation == "reference":
        return None
    is_requested = implementation == "compiled"
    obstacle = _obstacle(dtype, is_requested)
    if is_requested:
        if obstacle:
            raise library.OpsUnavailable(f"the compiled ops cannot be had: {obstacle}")
        return library.load().require().wherever_possible()
    return None if obstacle else library.load().module


@contextlib.contextmanager
def plain_tensorflow() -> Iterator[None]:
    """Makes `"auto"` mean plain TensorFlow inside, for graphs that run without our library."""
    before = is_plain()
    _thread.plain = True
    try:
        yield
    finally:
        _thread.plain = before


def is_plain() -> bool:
    """Returns whether this is inside `plain_tensorflow()`."""
    return getattr(_thread, "plain", False)


@functools.cache
def has_avx2() -> bool:
    """Returns whether convolutions run on an x86 CPU with AVX2, not on a GPU."""
    return not tf.config.list_physical_devices("GPU") and "AVX2" in vector_extensions()


def avx2_at_most() -> bool:
    """Returns whether they run on an x86 CPU with AVX2, but without AVX-512."""
    return has_avx2() and "AVX-512" not in vector_extensions()


def resolved(implementation: str) -> str:
    """Returns the name of an implementation, with `"auto"` as the environment variable has it.

    Raises:
        ValueError: for another name.
    """
    name = "implementation"
    if implementation == "auto" and "STYLEGAN_TF_OPS" in os.environ:
        name = "STYLEGAN_TF_OPS"
        implementation = os.environ[name]
    if implementation not in IMPLEMENTATIONS:
        allowed = ", ".join(IMPLEMENTATIONS)
        raise ValueError(f"{name} is {implementation!r}; it can be one of {allowed}")
    return implementation


def _obstacle(dtype: tf.DType, is_requested: bool) -> str | None:
    """Returns why this call cannot use the compiled ops, even if they are loaded; or None."""
    if is_plain():
        return "this graph is for export, which has TensorFlow's own ops only"
    if dtype not in DTYPES:
        return f"they take float32, bfloat16 and float16, not {dtype.name}"
    if xla.is_tracing():
        if not is_requested and not under_xla.is_any_called():
            return "in XLA's programs plain TensorFlow is the default on this machine"
        if library.load().xla_reason:
            return f"XLA compiles this function: {library.load().xla_reason}"
    if _gpu_without_kernels():
        return library.load().cuda_reason.removeprefix("reference: ")
    return None


def _gpu_without_kernels() -> bool:
    # Ops without CUDA kernels would move their tensors off the GPU and back.
    loaded = library.load()
    compiled = loaded.module is not None
    return bool(compiled and not loaded.cuda and tf.config.list_physical_devices("GPU"))
