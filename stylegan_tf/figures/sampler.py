"""Images of a trained generator, by seeds and in batches."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.defaults import CUTOFF
from stylegan_tf.images import to_uint8
from stylegan_tf.labels import Label, LabelSpace
from stylegan_tf.latents import labels_of, noise_from_seeds, z_from_seeds
from stylegan_tf.models import BaseGenerator, styles
from stylegan_tf.models.architectures import ARCHITECTURES

BATCH = 8  # images at once: memory stays small at 1024×1024


class Sampler:
    """Generates the images of figures and videos, in batches.

    A seed is the image that it is to `stylegan-tf generate`; only the last bits can differ.

    Args:
        generator: `Generator`; its images have the resolution to which it has grown.
        label: a class, by its name or number, or a vector [label_size]; None: that of each seed.
        psi: ψ of the truncation trick for `sample_styles`; 1 is off. None: as for `Pipeline`.
        cutoff: how many of the first layers it truncates, or None for all.
        progress: called with (done, total) after each batch of `images`.
        found: w [num_ws, w_size] that take the places of seeds, by seed, such as those of
            projections. ψ and cutoff leave them as they are.

    Attributes:
        resolution: of the images.
        num_ws: how many layers have a style at that resolution.

    Raises:
        ValueError: if the network has no such label, or is to be truncated and has no w.
    """

    def __init__(
        self,
        generator: BaseGenerator,
        label: Label = None,
        psi: float | None = None,
        cutoff: int | None = CUTOFF,
        progress: Callable[[int, int], None] = lambda done, total: None,
        found: Mapping[int, np.ndarray] | None = None,
    ) -> None:
        self.generator = generator
        self._label_space = LabelSpace.of(generator)
        if label is not None:
            self._label_space.vectors(label, 1)
        self._label = label
        self.psi: float = generation.psi_or_default(generator, psi)
        self.cutoff = cutoff
        self.progress = progress
        self.found = dict(found or {})
        self.resolution, _ = generator.grown_to
        self.num_ws = generator.num_ws_at(self.resolution)

    def require(self, what: str) -> None:
        """Raises ValueError where the network has no `"styles"` or no `"noise"`."""
        if not getattr(self.generator, f"has_{what}"):
            others = [
                name.upper()
                for name, one in ARCHITECTURES.items()
                if one.family == "stylegan" and getattr(one, what)
            ]
            raise ValueError(
                f"this network is of architecture {self.generator.architecture.upper()}, which has "
                f"no {what}, unlike {', '.join(others)}"
            )

    def sample_w(self, seeds: Sequence[int]) -> tf.Tensor:
        """Returns one w for each seed, not truncated, [N, w_size].

        Where there are `found` w, it is one for each layer, [N, num_ws, w_size].
        """
        if not self.found:
            return self._map(seeds)
        w = dict(self.found)
        own = [seed for seed in seeds if seed not in w]
        if own:
            w |= zip(own, styles.broadcast(self._map(own), self.num_ws).numpy(), strict=True)
        return tf.stack([w[seed] for seed in seeds])

    def _map(self, seeds: Sequence[int]) -> tf.Tensor:
        z = z_from_seeds(seeds, self.generator.latent_size)
        return self.generator.mapping(z, self.labels_of(seeds))

    def labels_of(self, seeds: Sequence[int]) -> np.ndarray | None:
        """Returns the label of each seed, [N, label_size]; None for a network without labels."""
        return labels_of(self._label, seeds, self._label_space)

    def sample_styles(self, seeds: Sequence[int]) -> tf.Tensor:
        """Returns one w for each seed and layer, truncated, [N, num_ws, w_size]."""
        psi = [1.0 if seed in self.found else self.psi for seed in seeds]
        return self.truncate(self.sample_w(seeds), psi, self.cutoff)

    def caption(self, seed: int) -> str:
        """Returns what a figure calls the image of a seed: "seed 5", or "w 1" in its place."""
        if seed in self.found:
            return f"w {list(self.found).index(seed) + 1}"
        return f"seed {seed}"

    def truncate(
        self,
        w: np.ndarray | tf.Tensor,
        psi: float | Sequence[float] | np.ndarray,
        cutoff: int | None = None,
    ) -> tf.Tensor:
        """Returns w [N, w_size] or [N, L, w_size] truncated, [N, num_ws, w_size]."""
        return generation.truncate(self.generator, styles.broadcast(w, self.num_ws), psi, cutoff)

    def images(
        self,
        w: np.ndarray | tf.Tensor,
        seeds: Sequence[int] | np.ndarray | None,
        noisy: Sequence[Collection[int]] | None = None,
    ) -> Iterator[np.ndarray]:
        """Generates images one after another, few of them in memory at a time.

        Args:
            w: [N, num_ws, w_size].
            seeds: of the noise of each image, or None for the noise that the network stores.
            noisy: for each image the layers that get noise, or None for all layers.

        Yields:
            uint8 [resolution, resolution, C].
        """
        for start in range(0, len(w), BATCH):
            batch = slice(start, start + BATCH)
            noise: str | list[tf.Tensor] = "constant"
            if seeds is not None:
                noise = self._noise(seeds[batch], noisy[batch] if noisy else None)
            yield from self.synthesize(w[batch], noise)
            self.progress(min(start + BATCH, len(w)), len(w))

    def synthesize(self, w: np.ndarray | tf.Tensor, noise: str | Sequence[tf.Tensor]) -> np.ndarray:
        """Returns the images of one batch, uint8 [N, resolution, resolution, C].

        Args:
            w: [N, num_ws, w_size].
            noise: as `Synthesis` takes it.
        """
        return to_uint8(generation.synthesize(self.generator, w, noise)).numpy()

    def _noise(
        self, seeds: Sequence[int] | np.ndarray, noisy: Sequence[Collection[int]] | None
    ) -> str | list[tf.Tensor]:
        """Returns the noise of each layer, a list of [N, h, w, 1], or `"none"`."""
        images = noise_from_seeds(list(seeds), self.generator.noise_shapes())
        if not images:
            return "none"
        if noisy is None:
            return images
        factors = [[float(layer in some) for some in noisy] for layer in range(len(images))]
        return [
            image * tf.reshape(factor, [-1, 1, 1, 1])
            for image, factor in zip(images, factors, strict=True)
        ]
