"""What NumPy's names in a pickle stand for: numbers on the bytes of the file, and no code."""

import math
from collections.abc import Callable

import numpy as np

from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown

NUMBERS = "fiub"  # kinds of types
MOST_AXES = 32  # of an array, in NumPy 1


class StoredType:
    """A pickled `numpy.dtype`, of numbers only."""

    def __init__(self, code, align=False, copy=False):
        if not isinstance(code, str) or np.dtype(code).kind not in NUMBERS:
            raise UnsupportedCheckpointError(
                f"it holds an array of {shown(code)}, which are no numbers"
            )
        self.dtype = np.dtype(code)

    def set_state(self, state):
        """Takes the byte order."""
        self.dtype = self.dtype.newbyteorder(state[1])


class StoredArray:
    """A pickled array, filled in one step or two."""

    def __init__(self):
        self.array = None

    def set_state(self, state):
        """Takes shape, type, order and numbers."""
        _, shape, dtype, column_major, data = state
        self.fill(data, dtype, shape, "F" if column_major else "C")

    def fill(self, data, dtype: StoredType, shape, order) -> None:
        """Sees the bytes as an array; a shape that does not fit them is refused."""
        data = as_bytes(data)
        shape = shape if isinstance(shape, tuple) else (shape,)
        numbers = all(isinstance(size, int) and 0 <= size < 2**63 for size in shape[:MOST_AXES])
        fits = numbers and len(shape) <= MOST_AXES
        if not fits or math.prod(shape) * dtype.dtype.itemsize != len(data):
            raise UnsupportedCheckpointError(
                f"it is damaged: {len(data)} bytes are no array of shape {shown(shape)}"
            )
        self.array = np.frombuffer(data, dtype.dtype).reshape(shape, order=order)


def as_bytes(data) -> bytes | bytearray:
    """Returns the bytes of a pickled array; Python 2 wrote them as text."""
    if isinstance(data, str):
        return data.encode("latin-1")
    if not isinstance(data, (bytes, bytearray)):
        raise UnsupportedCheckpointError("it holds an array of objects")
    return data


def reconstruct(kind, shape, code) -> StoredArray:
    """Does what `_reconstruct` does: returns an array whose numbers follow."""
    return StoredArray()


def from_buffer(data, dtype, shape, order) -> StoredArray:
    """Does what `_frombuffer` does, of protocol 5: returns an array."""
    stored = StoredArray()
    stored.fill(data, dtype, shape, order)
    return stored


def scalar(dtype, data) -> StoredArray:
    """Does what `scalar` does: returns a single number."""
    return from_buffer(data, dtype, (), "C")


def encode(text, encoding) -> bytes:
    """Does what `_codecs.encode` does: how Python 3 writes bytes at protocol 2."""
    if encoding != "latin1" or not isinstance(text, str):
        raise UnsupportedCheckpointError("it encodes text otherwise than bytes are written")
    return text.encode("latin-1")


def no_bytes() -> bytes:
    """Does what `bytes()` does: how Python 3 writes no bytes at protocol 2."""
    return b""


def not_called(*arguments):
    """Refuses a call of `numpy.ndarray`, which is an argument of `_reconstruct` alone."""
    raise UnsupportedCheckpointError("it calls numpy.ndarray")


_MODULES = ("numpy.core", "numpy._core")
ARRAY_NAMES: dict[str, Callable] = {
    "numpy.dtype": StoredType,
    "numpy.ndarray": not_called,
    **{f"{module}.multiarray._reconstruct": reconstruct for module in _MODULES},
    **{f"{module}.multiarray.scalar": scalar for module in _MODULES},
    **{f"{module}.numeric._frombuffer": from_buffer for module in _MODULES},
    "_codecs.encode": encode,
    "__builtin__.bytes": no_bytes,
    "builtins.bytes": no_bytes,
}


def array_of(value) -> np.ndarray:
    """Returns the NumPy array of a pickled value: an array, or a plain number.

    Raises:
        UnsupportedCheckpointError: if it is neither.
    """
    result = value.array if isinstance(value, StoredArray) else value
    if isinstance(result, (np.ndarray, int, float)):
        array = np.asarray(result)
        if array.dtype.kind in NUMBERS:  # an int can be too large for any
            return array
    raise UnsupportedCheckpointError("it holds a variable that is no array")


def is_number(value) -> bool:
    """Returns whether a pickled value is a single number of NumPy's."""
    return isinstance(value, StoredArray) and value.array is not None and not value.array.shape
