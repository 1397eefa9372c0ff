"""Messages of one line: from the errors of other libraries, and to the user."""

import difflib
import re
import warnings
from collections.abc import Iterable


class Notice(UserWarning):
    """What a user should know, and need not do anything about; commands print it as a line."""


def notice(text: str) -> None:
    """Warns of something that was dealt with, such as a damaged file in whose place another is."""
    warnings.warn(text, Notice, stacklevel=3)


def first_line(error: Exception) -> str:
    """Returns the first line of an error's text, or its type if it has none.

    What TensorFlow puts in front of it, the name of the op that failed, is left out.
    """
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return re.sub(r"^\{\{.*?\}\} ", "", line)


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun: "1 image", "3 images"."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns the end of a message about an unknown name: the known ones that are most like it.

    Args:
        name: what was given.
        known: all names that there are.

    Returns:
        such as "; did you mean 'fid50k' or 'kid50k'?": up to three that are much alike, or else
        the nearest; nothing where none is known.
    """
    spelled = {one.lower(): one for one in known}
    alike = difflib.get_close_matches(name.lower(), spelled, n=3, cutoff=0.5)
    near = alike or difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0)
    names = [repr(spelled[one]) for one in near]
    if not names:
        return ""
    *others, last = names
    return f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"
