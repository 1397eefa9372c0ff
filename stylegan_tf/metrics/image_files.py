"""A folder or zip of images in the place of a generator: what another program made."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import ImageOps

from stylegan_tf.datasets import DatasetError
from stylegan_tf.datasets.encoding import MAX_BYTES, BadImage, load, orientation, to_mode
from stylegan_tf.datasets.parallel import ordered_map
from stylegan_tf.datasets.sources import is_dataset, open_source
from stylegan_tf.datasets.sources.reading import naming
from stylegan_tf.snapshot_names import SNAPSHOTS

RUN = ("config.json", SNAPSHOTS)  # what a run directory holds
MODES = {3: "RGB", 4: "RGBA"}


def are_images(path: str | Path) -> bool:
    """Returns whether a path is a folder of images, or a zip, and no run directory or network."""
    path = Path(path)
    if path.is_dir():
        return not any(any(path.glob(pattern)) for pattern in RUN)
    return path.suffix == ".zip" or (path.suffix == "" and zipfile.is_zipfile(path))


class ImageFiles:
    """Images of files, in random order, as they are compared with real ones.

    Args:
        path: a folder, with the folders below it, or a zip of PNG, JPEG or WebP images. Whatever
            `stylegan-tf dataset create` takes is taken.
        dataset: the real images, or None. Images must have their size.
        seed: of the order.

    Attributes:
        num_images: how many there are.
        resolution: pixels of a side.
        channels: 4 where real images have as many; 3 otherwise: transparent parts are on white.

    Raises:
        ValueError: if there are no images, or they are not all squares of the same size.
    """

    label_size = 0

    def __init__(self, path: str | Path, dataset=None, seed: int = 0):
        self.path = Path(path)
        if self.path.is_dir() and is_dataset(self.path):
            raise ValueError(
                f"{path} is a dataset, not a folder of images: stylegan-tf dataset extract {path} "
                "DIR makes one of it"
            )
        try:
            self._source = open_source(path)
        except DatasetError as error:
            raise ValueError(f"{error}, or a run directory or a network") from error
        names = self._source.names
        order = np.random.default_rng(seed).permutation(len(names))
        self.names = [names[place] for place in order]
        self.num_images = len(names)
        self.channels = 4 if dataset is not None and dataset.channels == 4 else 3
        self.resolution = self._common_size(dataset)

    @property
    def grown_to(self) -> tuple[int, float]:
        """The resolution and the fade, as a generator has them."""
        return self.resolution, 1.0

    def batches(self, count: int, size: int) -> Iterator[tuple[np.ndarray]]:
        """Yields the first images, uint8 [size, R, R, C], alone in a tuple.

        Args:
            count: how many images; `num_images` at most.
            size: of a batch; the last one may have less.

        Raises:
            ValueError: if a file is damaged or no image that we read.
        """
        images, batch = ordered_map(self._image, self.names[:count]), []
        for image in images:
            batch.append(image)
            if len(batch) == size:
                yield (np.stack(batch),)
                batch = []
        if batch:
            yield (np.stack(batch),)

    def _common_size(self, dataset) -> int:
        """Returns the side of all images: to resize them would change their distances."""
        sizes = ordered_map(self._size, self.names)
        side = dataset.resolution if dataset is not None else 0  # the first image's
        for name, (width, height) in zip(self.names, sizes, strict=True):
            side = side or width
            if (width, height) != (side, side):
                whose = f"those of {dataset.path}" if dataset is not None else "others"
                raise ValueError(
                    f"{self.path}: {name} is {width}×{height}, and {whose} are {side}×{side}; "
                    "metrics do not resize images, so make all of them of one size: "
                    f"{self._advice(side, dataset)}"
                )
        return side

    @staticmethod
    def _advice(side: int, dataset) -> str:
        """Returns what to do about images of another size."""
        if dataset is None:
            return f"resize them to {side}×{side}"
        return (
            f"resize them to {side}×{side}, or give --data a dataset of the same size "
            "(stylegan-tf dataset create SRC DEST --resolution PIXELS)"
        )

    def _size(self, name: str) -> tuple[int, int]:
        with naming(self.path / name):
            try:
                return self._source.size(name)
            except BadImage as reason:
                raise DatasetError(f"{self.path}: {name} {reason}") from None

    def _image(self, name: str) -> np.ndarray:
        """Returns an image, uint8 [R, R, C]."""
        with naming(self.path / name), self._source.open(name) as file:
            data = file.read(MAX_BYTES + 1)  # a member of a zip can unpack to any length
        try:
            if len(data) > MAX_BYTES:
                raise BadImage(f"has more than {MAX_BYTES >> 20} MB: make it smaller")
            image = load(data)
        except BadImage as reason:
            raise ValueError(f"{self.path}: {name} {reason}") from None
        if orientation(image) != 1:
            image = ImageOps.exif_transpose(image)
        return np.asarray(to_mode(image, MODES[self.channels]))
