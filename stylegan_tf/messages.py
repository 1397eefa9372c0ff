"""Messages of one line: from the errors of other libraries, and to the user."""

import warnings


class Notice(UserWarning):
    """What a user should know, and need not do anything about; commands print it as a line."""


def notice(text: str) -> None:
    """Warns of something that was dealt with, such as a damaged file in whose place another is."""
    warnings.warn(text, Notice, stacklevel=3)


def first_line(error: Exception) -> str:
    """Returns the first line of an error's text, or its type if it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]
