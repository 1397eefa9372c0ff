"""What a source of images is, and the registry of its kinds."""

import io
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from ...registry import Registry
from ..encoding import as_png, opened
from ..labels import Labels


class Source:
    """Images by name, with the labels that come along; the base of every kind of source.

    A new kind is a subclass that is registered. It has `at`, sets `names`, and has either `open`,
    for files of images, or `pixels`, for bare numbers; the rest is optional:

        @sg.datasets.register("npy")
        class NumPyFile(sg.datasets.Source):
            def __init__(self, path):
                self.path, self._images = path, np.load(path, mmap_mode="r")
                self.names = [f"{index:06d}.png" for index in range(len(self._images))]

            @classmethod
            def at(cls, path):
                return cls(path) if path.suffix == ".npy" else None

            def pixels(self, name):
                return self._images[self.names.index(name)]

    Attributes:
        path: the folder or file.
        names: of the images, in order; each once. They look like relative paths.
        channels: 1, 3 or 4 if all images have as many; None if that is not known.
    """

    path: Path
    names: list[str]
    channels: int | None = None

    @classmethod
    def at(cls, path: Path) -> "Source | None":
        """Returns the source at a path, or None if what is there is of another kind.

        Args:
            path: of a file or folder that exists. Every kind is shown every path, so look at the
                content, and quickly.

        Raises:
            DatasetError: if it is of this kind, but damaged or incomplete.
        """
        raise NotImplementedError

    def open(self, name: str) -> IO[bytes]:
        """Opens the file of an image: PNG, JPEG or WebP. Several threads call this at once.

        By default it is the PNG of `pixels`. Whatever it raises makes this one image a bad one.
        """
        return io.BytesIO(as_png(Image.fromarray(self.pixels(name))))

    def pixels(self, name: str) -> np.ndarray:
        """Returns an image as numbers, uint8 [H, W], [H, W, 3] or [H, W, 4].

        Only the default `open` calls this.
        """
        raise NotImplementedError

    def size(self, name: str) -> tuple[int, int]:
        """Returns width and height of an image; by default from the beginning of its file.

        Raises:
            BadImage: if it is none.
        """
        with self.open(name) as file, opened(file) as image:
            return image.size

    def labels(self) -> Labels:
        """Returns the labels that the source itself has; by default none."""
        return Labels()


SOURCES: Registry[type[Source]] = Registry("data source")
register = SOURCES.register
