"""The errors of datasets that a user can do something about."""

SHOWN = 3  # things named in an error of one line


class DatasetError(ValueError):
    """A source, an option or a dataset on disk is not as it should be. The text is one line."""


class BadImages(DatasetError):
    """Images of a source cannot be used.

    Attributes:
        lines: each of them, with the reason.
        shown: how many of them the text names.
    """

    shown = SHOWN

    def __init__(self, lines: list[str], total: int):
        advice = "repair or remove them" + (", or give --skip-bad" if len(lines) < total else "")
        super().__init__(
            f"{len(lines)} of {total} images cannot be used: {and_more(lines)} ({advice})"
        )
        self.lines = lines


def and_more(things: list[str], shown: int = SHOWN) -> str:
    """Returns the first few of a list in one line, and how many more there are."""
    text = "; ".join(things[:shown])
    return f"{text}; and {len(things) - shown} more" if len(things) > shown else text
