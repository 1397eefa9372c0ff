"""Pictures of a trained generator, by seeds and in batches."""

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
import tensorflow as tf

from stylegan_tf.defaults import CUTOFF, PSI
from stylegan_tf.drawing import Drawing, checked_class
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.models import sizes, styles
from stylegan_tf.models.configurations import CONFIGURATIONS, configuration

BATCH = 8  # pictures at once: memory stays small at 1024×1024


class Sampler:
    """Draws what a figure asks for. A seed is the picture that it is to `stylegan-tf generate`.

    Only the last bits can differ: here pictures are drawn in batches.

    Args:
        generator: `Generator`; its pictures have the resolution to which it has grown.
        label: number of a class, or None.
        psi: ψ of the truncation trick for `styles`; 1 is off.
        cutoff: how many of the first layers it truncates, or None for all.
        progress: called with (done, total) after each batch of a stream.

    Attributes:
        resolution: of the pictures.
        layers: how many layers have a style at that resolution.

    Raises:
        ValueError: if the network has no such class.
    """

    def __init__(
        self,
        generator,
        label: int | None = None,
        psi: float = PSI,
        cutoff: int | None = CUTOFF,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ):
        self.generator = generator
        self.psi = psi
        self.cutoff = cutoff
        self.progress = progress
        self.label = checked_class(label, generator.label_size)
        self._drawing = Drawing(generator)
        self.resolution = self._drawing.resolution
        self.layers = sizes.num_layers(self.resolution)

    def need(self, what: str) -> None:
        """Raises ValueError where the network has no `"styles"` or no `"noise"`."""
        letter = self.generator.get_config()["config"]
        if not getattr(configuration(letter), what):
            others = [name.upper() for name, one in CONFIGURATIONS.items() if getattr(one, what)]
            raise ValueError(
                f"this network is of configuration {letter.upper()}, which has no {what}, "
                f"unlike {', '.join(others)}"
            )

    def w(self, seeds: Sequence[int]) -> tf.Tensor:
        """One w for each seed, as it comes from the mapping network, [N, w_size]."""
        return self.mapped(z_from_seeds(seeds, self.generator.latent_size))

    def mapped(self, z) -> tf.Tensor:
        """w of latents [N, latent_size] in the chosen class, [N, w_size]."""
        classes = None if self.label is None else tf.fill([len(z)], self.label)
        return self._drawing.mapping(z, classes)

    def styles(self, seeds: Sequence[int]) -> tf.Tensor:
        """One w for each seed and layer, truncated, [N, layers, w_size]."""
        return self.truncated(self.w(seeds), self.psi, self.cutoff)

    def truncated(self, w, psi, cutoff: int | None = None) -> tf.Tensor:
        """`models.styles.truncate` for w [N, w_size] of every layer, [N, layers, w_size]."""
        w = styles.broadcast(w, self.layers)
        return styles.truncate(w, tf.convert_to_tensor(self.generator.w_avg), psi, cutoff)

    def stream(
        self, w, seeds: Sequence[int] | None, noisy: Sequence[Collection[int]] | None = None
    ) -> Iterator[np.ndarray]:
        """Draws pictures one after another, few of them in memory at a time.

        Args:
            w: [N, layers, w_size].
            seeds: of the noise of each picture, or None for the noise that the network stores.
            noisy: for each picture the layers that get noise, or None for all layers.

        Yields:
            uint8 [resolution, resolution, C].
        """
        for start in range(0, len(w), BATCH):
            batch = slice(start, start + BATCH)
            noise = "constant"
            if seeds is not None:
                noise = self._noise(seeds[batch], noisy[batch] if noisy else None)
            yield from self.draw(w[batch], noise)
            self.progress(min(start + BATCH, len(w)), len(w))

    def draw(self, w, noise) -> np.ndarray:
        """The pictures of one batch, uint8 [N, resolution, resolution, C]; noise as `Synthesis`."""
        return self._drawing.pictures(w, noise).numpy()

    def noise_shapes(self) -> list[tuple[int, int]]:
        """(height, width) of the noise of each layer; [] for a network without."""
        return self.generator.synthesis.noise_shapes(self.resolution)

    def _noise(self, seeds, noisy):
        """The noise of each layer, a list of [N, h, w, 1], or `"none"`."""
        images = noise_from_seeds(list(seeds), self.noise_shapes())
        if not images:
            return "none"
        if noisy is None:
            return images
        wanted = [[float(layer in some) for some in noisy] for layer in range(self.layers)]
        return [
            image * tf.reshape(factors, [-1, 1, 1, 1])
            for image, factors in zip(images, wanted, strict=True)
        ]
