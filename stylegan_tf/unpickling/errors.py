"""The error of a pickle that is not what it should be."""

import reprlib

_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2
_SHORT.maxother = _SHORT.maxstring = 100


class UnsupportedCheckpointError(ValueError):
    """A file was refused: it is damaged, needs more than data, or holds another network."""


def shown(value) -> str:
    """Returns a value of a file for a message: a few pickled bytes can mean a list of millions."""
    try:
        return _SHORT.repr(value)
    except ValueError:  # an int of thousands of digits, before Python 3.12
        return f"a {type(value).__name__} too long to write"
