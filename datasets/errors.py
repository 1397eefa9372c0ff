"""The error of a dataset that a user can do something about."""


class DatasetError(ValueError):
    """A source, an option or a dataset on disk is not as it should be. The text is one line."""


def and_more(things: list[str], shown: int = 3) -> str:
    """The first few of a list in one line, and how many more there are."""
    text = "; ".join(things[:shown])
    return f"{text}; and {len(things) - shown} more" if len(things) > shown else text
