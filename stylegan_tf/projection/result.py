"""The result of a projection, and its file."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.deprecation import warn
from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.files import atomic_write
from stylegan_tf.models import BaseGenerator, sizes
from stylegan_tf.projection.settings import Settings


@dataclasses.dataclass(frozen=True)
class Projection:
    """The w and the noise of an image.

    Attributes:
        w: [1, w_size], or [L, w_size] with one for each layer.
        noise: of each layer, a list of [h, w, 1]; empty for networks without.
        distances: `"lpips"` and `"mse"` before each step, [steps].
        settings: with which it was found.
    """

    w: np.ndarray
    noise: list[np.ndarray]
    distances: dict[str, np.ndarray]
    settings: Settings

    def image(self, generator: BaseGenerator) -> np.ndarray:
        """Generates it, uint8 [R, R, C].

        Raises:
            ValueError: if it was found with a network of other sizes.
        """
        w = self.styles(generator)[None]
        return Sampler(generator).synthesize(w, [image[None] for image in self.noise] or "none")[0]

    def styles(self, generator: BaseGenerator) -> np.ndarray:
        """Returns w for each layer of a network, [L, w_size].

        Raises:
            ValueError: if it was found with a network of other sizes.
        """
        layers = sizes.num_layers(generator.grown_to[0])
        sides = [image.shape[:2] for image in self.noise]
        fits = self.w.shape[1] == generator.w_size and self.w.shape[0] in (1, layers)
        if not fits or sides != generator.noise_shapes():
            raise ValueError("this w and noise were found with a network of other sizes")
        return np.broadcast_to(self.w, (layers, generator.w_size))

    def picture(self, generator: BaseGenerator) -> np.ndarray:
        """Does what `image` does; this was its name before."""
        warn("Projection.picture", "Projection.image")
        return self.image(generator)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes an .npz: w, noise_0 …, lpips, mse, and the settings as JSON."""
        arrays: dict[str, Any] = dict(self.distances)
        arrays |= {f"noise_{number}": image for number, image in enumerate(self.noise)}
        settings = json.dumps(dataclasses.asdict(self.settings))
        with atomic_write(Path(path)) as partial:
            np.savez(partial, w=self.w, settings=settings, **arrays)


def load(path: str | os.PathLike[str]) -> Projection:
    """Reads what `Projection.save` wrote.

    Raises:
        ValueError: if it is no such file.
    """
    path = Path(path)
    if not path.exists():
        raise ValueError(f"{path} does not exist; give the w.npz of stylegan-tf project")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        settings = Settings(**json.loads(str(arrays.pop("settings"))))
        w, distances = arrays.pop("w"), {name: arrays.pop(name) for name in ("lpips", "mse")}
        images = [arrays.pop(f"noise_{number}") for number in range(len(arrays))]
    except Exception as error:  # the readers of zip, .npy and JSON raise nearly anything
        raise ValueError(f"{path} is no w.npz of stylegan-tf project: {error}") from error
    if not all(image.ndim == 3 for image in images) or w.ndim != 2:
        raise ValueError(f"{path} is no w.npz of stylegan-tf project: it has other shapes")
    return Projection(w, images, distances, settings)
