"""What every source of pictures has."""

from pathlib import Path
from typing import BinaryIO

from PIL import Image

from ..labels import Labels


class Source:
    """Pictures, by name.

    Attributes:
        path: the folder or file.
        names: of the pictures, in order.
        channels: 1, 3 or 4 if all pictures have as many; None if that is not known.
    """

    path: Path
    names: list[str]
    channels: int | None = None

    def open(self, name: str) -> BinaryIO:
        """The file of a picture: PNG, JPEG or WebP. Safe to be called from several threads."""
        raise NotImplementedError

    def size(self, name: str) -> tuple[int, int]:
        """Width and height of a picture."""
        with self.open(name) as file, Image.open(file) as image:
            return image.size

    def labels(self) -> Labels:
        """The labels that the source itself has."""
        return Labels()
