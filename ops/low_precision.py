"""Convolutions of half-precision numbers, on CPUs that have no arithmetic for them too."""

import functools

import tensorflow as tf

from ..machine import vector_extensions
from . import dispatch

# With one of these a CPU multiplies such numbers fast, and TensorFlow sums them in float32.
FAST = {tf.bfloat16: {"AVX-512", "BF16"}, tf.float16: {"AVX-512 FP16"}}


def convolve(function, x, kernel):
    """`function(x, kernel)`; in float32, and rounded once, where the CPU lacks the arithmetic.

    TensorFlow would take 25 times as long there, and round every sum on its way.
    """
    if not needs_float32(x.dtype):
        return function(x, kernel)
    return tf.cast(function(tf.cast(x, tf.float32), tf.cast(kernel, tf.float32)), x.dtype)


def needs_float32(dtype: tf.DType) -> bool:
    """Whether convolutions of a type take float32 on this machine; not in graphs for others."""
    return dtype in FAST and not dispatch.is_plain() and not _is_fast(dtype)


@functools.cache
def _is_fast(dtype: tf.DType) -> bool:
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    return on_gpu or not FAST[dtype].isdisjoint(vector_extensions())
