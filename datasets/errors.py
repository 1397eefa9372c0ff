"""What goes wrong with pictures and datasets, in words for the person who brought them."""


class DatasetError(ValueError):
    """One line that names the file or the option, and the way out."""


class BadPicture(ValueError):
    """Why one picture cannot be taken."""
