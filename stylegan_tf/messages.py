"""Messages of one line from the errors of other libraries."""


def first_line(error: Exception) -> str:
    """Returns the first line of an error's text, or its type if it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]
