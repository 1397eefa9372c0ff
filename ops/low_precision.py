"""Convolutions in bfloat16 and float16, also on CPUs without arithmetic for these types."""

import functools
from collections.abc import Callable

import tensorflow as tf

from ..machine import has_fast_products
from . import dispatch


def convolve(
    function: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], x: tf.Tensor, kernel: tf.Tensor
) -> tf.Tensor:
    """Returns `function(x, kernel)`, computed in float32 where the CPU lacks fast arithmetic.

    The result is then rounded once. TensorFlow would take 25 times as long, and round every sum.
    """
    if not needs_float32(x.dtype):
        return function(x, kernel)
    return tf.cast(function(tf.cast(x, tf.float32), tf.cast(kernel, tf.float32)), x.dtype)


def needs_float32(dtype: tf.DType) -> bool:
    """Returns whether convolutions of a dtype run in float32 here; never in exported graphs."""
    return not dispatch.is_plain() and not _is_fast(dtype)


@functools.cache
def _is_fast(dtype: tf.DType) -> bool:
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    return on_gpu or has_fast_products(dtype.name)
