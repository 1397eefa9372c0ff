"""The error of a file that is not what it should be."""


class ImportRefused(ValueError):
    """A file was refused: it is damaged, needs more than data, or holds another network."""
