"""Convolutions of no images."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import tensorflow as tf

Function = TypeVar("Function", bound=Callable[..., Any])


def takes_empty_batches(op: Function) -> Function:
    """Makes an op give an empty batch the shape that it should have, and zero gradients.

    TensorFlow's convolutions, where oneDNN computes them, return an empty batch in the shape of
    their input. So the op gets a blank image, of which the result is left out. This is for batches
    that are known to be empty, as all are outside of graphs.

    Args:
        op: a function of x [N, H, W, C] and others; its result has N images.
    """

    @functools.wraps(op)
    def wrapped(x: tf.Tensor, *arguments: Any, **options: Any) -> tf.Tensor:
        x = tf.convert_to_tensor(x)
        if x.shape[0] != 0:
            return op(x, *arguments, **options)
        return op(tf.pad(x, [[0, 1], [0, 0], [0, 0], [0, 0]]), *arguments, **options)[:0]

    return cast(Function, wrapped)
