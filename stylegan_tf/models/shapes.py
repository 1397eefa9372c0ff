"""Checks the shapes of what users pass."""

from typing import Any

import tensorflow as tf


def check_shape(name: str, tensor: Any, expected: tuple[Any, ...]) -> None:
    """Raises ValueError where a known dimension of a tensor is not the expected one.

    Args:
        name: the argument's name, for the message.
        tensor: anything with a shape.
        expected: for each dimension a number, or a letter where any size will do.
    """
    sizes = [None if isinstance(side, str) else side for side in expected]
    if not tf.TensorShape(tensor.shape).is_compatible_with(sizes):
        allowed = ", ".join(map(str, expected))
        raise ValueError(f"{name} is {tuple(tensor.shape)}; it must be [{allowed}]")
