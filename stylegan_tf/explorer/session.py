"""From controls to images: the arithmetic of styles, whoever computes the network."""

import dataclasses
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from stylegan_tf import directions
from stylegan_tf.deprecation import warn
from stylegan_tf.explorer.controls import NOISES, Controls
from stylegan_tf.labels import LabelSpace
from stylegan_tf.models import sizes, styles

MAX_SEED = 2**53 - 1  # the largest that a browser keeps exact
MAX_STRIP = 16
# What the names of directions mean that this project gives, by the name without its number.
MEANINGS = {
    "component": "principal components of w (Härkönen et al. 2020): 1 is what varies most",
    "pca": "principal components of w that the file has",
    "sefa": "what changes the styles most (Shen and Zhou 2021); 1 is the strongest",
}


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the page needs to know of a network.

    Attributes:
        resolution: of its images, [resolution, resolution, channels].
        num_layers: L, how many styles w has; a network that is still growing uses fewer.
        label_space: the labels that it takes; None if it takes classes and does not tell which.
        has_w, has_styles, has_noise: False in the architectures that have none.
        noises: which of the noise inputs can be chosen.
        has_strengths: whether a layer's noise can be scaled.
        style_sides: height and width of what each style changes; empty: two for each resolution.
        noise_sides: those of each layer with noise; empty: as `style_sides`.
    """

    resolution: int
    channels: int
    w_size: int
    latent_size: int
    num_layers: int
    label_space: LabelSpace | None = LabelSpace()
    has_w: bool = True
    has_styles: bool = True
    has_noise: bool = True
    noises: tuple[str, ...] = NOISES
    has_strengths: bool = True
    style_sides: tuple[int, ...] = ()
    noise_sides: tuple[int, ...] = ()

    @property
    def sides(self) -> list[int]:
        """Height and width of each layer that is in use."""
        pairs = [4 << index // 2 for index in range(sizes.num_layers(self.resolution))]
        return list(self.style_sides) or pairs


class Session:
    """Generates images; the same controls give the same image. Subclasses know the network.

    Attributes:
        facts: `Facts`.
        name: what the page calls it.
        opening: Python that makes this session again.
        source: what `stylegan-tf generate` calls it, or None.
        w_avg: mean of w, [w_size].

    Args:
        directions_file: path of a file as in `directions.load`, or None.
    """

    facts: Facts
    name: str
    opening: str
    source: str | None = None
    w_avg: Any
    about_directions = "In w, after truncation."

    def __init__(self, directions_file=None):
        self.from_file = {}
        if directions_file is not None:
            if not self.facts.has_w:
                raise ValueError(f"{directions_file}: this network has no w to move in")
            self.from_file = directions.load(
                directions_file, self.facts.num_layers, self.facts.w_size
            )

    @property
    def direction_names(self) -> list[str]:
        """Those of the file, then the principal components of w; none without w."""
        if not self.facts.has_w:
            return []
        components = min(directions.COMPONENTS, self.facts.w_size)
        return [*self.from_file, *(f"component {n}" for n in range(1, components + 1))]

    @property
    def meanings(self) -> dict[str, str]:
        """What the names of directions mean, by the name without its number, where it is known."""
        families = dict.fromkeys(name.rpartition(" ")[0] for name in self.direction_names)
        return {name: MEANINGS[name] for name in families if name in MEANINGS}

    def direction(self, name: str) -> np.ndarray:
        """Returns a direction by its name, [w_size] or [L, w_size]."""
        return self.from_file[name] if name in self.from_file else self._principal[name]

    @cached_property
    def _principal(self) -> dict[str, np.ndarray]:
        return directions.principal(self.sampled_w)

    def generate(self, controls: Controls) -> np.ndarray:
        """Generates the image, uint8 [H, W, C].

        Raises:
            ValueError: if a control is set to what this network has not.
        """
        self.check(controls)
        return self._image(self.styles(controls), controls)

    def draw(self, controls: Controls) -> np.ndarray:
        """Does what `generate` does; this was its name before."""
        warn("Session.draw", "Session.generate")
        return self.generate(controls)

    def strip(self, controls: Controls, seed: int, count: int) -> list[np.ndarray]:
        """Generates images on the straight line in w to another seed's, both ends included.

        Without w the line is in z.

        Args:
            controls: those of the first image, which also gives the noise of all.
            seed: takes the place of `controls.seed` in the last one's styles.
            count: 2 to 16.

        Returns:
            uint8 [H, W, C] arrays.
        """
        if not 2 <= count <= MAX_STRIP:
            raise ValueError(f"a strip has 2 to {MAX_STRIP} images, not {count}")
        other = dataclasses.replace(controls, seed=seed)
        self.check(controls)
        self.check(other)
        first, last = self.styles(controls), self.styles(other)
        steps = np.linspace(0, 1, count, dtype=np.float32)
        return [self._image((1 - t) * first + t * last, controls) for t in steps]

    def styles(self, controls: Controls) -> tf.Tensor:
        """Returns one w for each layer, [1, L, w_size]: mixed, then truncated, then moved."""
        layers = np.arange(self.facts.num_layers)
        w = self._w(controls.seed, controls.label)  # [1, L, w_size]
        for seed, chosen in controls.mixing.items():
            taken = np.isin(layers, list(chosen))[None, :, None]
            w = tf.where(taken, self._w(seed, controls.label), w)
        if controls.psi != 1:
            w = styles.truncate(w, self.w_avg, controls.psi, controls.cutoff)
        for name, amount in controls.directions.items():
            w += amount * self.direction(name)
        return w

    def moved_mean(self, name: str, amount: float) -> np.ndarray:
        """Returns the image of the mean w with stored noise, moved along a direction, uint8."""
        w = styles.broadcast(tf.constant(self.w_avg)[None], self.facts.num_layers)
        noise = "constant" if self.facts.has_noise else Controls.noise
        return self._image(w + amount * self.direction(name), Controls(noise=noise))

    def check(self, controls: Controls) -> None:
        """Raises ValueError for what this network has not, naming what there is."""
        facts = self.facts
        for seed in (controls.seed, *controls.mixing):
            if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
                raise ValueError(f"the seed is {seed}; it must be a whole number, 0 to 2^53 - 1")
        if controls.label is not None:
            self._check_label(controls.label)
        if controls.noise not in facts.noises:
            raise ValueError(f"noise is {controls.noise!r}; it can be {' or '.join(facts.noises)}")
        if not facts.has_w and (controls.psi != 1 or controls.mixing or controls.directions):
            raise ValueError("without w there is no mixing and no direction, and psi must be 1")
        mixed = {layer for layers in controls.mixing.values() for layer in layers}
        for layer in sorted(mixed | set(controls.strengths)):
            if not 0 <= layer < len(facts.sides):
                raise ValueError(f"there is no layer {layer}; the last is {len(facts.sides) - 1}")
        for name in controls.directions:
            if name not in self.direction_names:
                known = ", ".join(self.direction_names)
                raise ValueError(f"there is no direction {name!r}; there are {known}")

    def label_of_seed(self, seed: int) -> str | None:
        """Returns the class or the label that a seed has by itself; None if it is not known."""
        space = self.facts.label_space
        return space.text(self._label_of(seed)[0]) if space and space.size else None

    def _check_label(self, label: int | str | tuple[float, ...]) -> None:
        space = self.facts.label_space
        if space is None:  # the server will say
            return
        if isinstance(label, tuple):
            space.vectors(label, 1)
        else:
            space.class_number(label, "the class")

    @cached_property
    def sampled_w(self) -> np.ndarray:
        """Many w, [N, w_size], always the same ones; over all classes where there are any."""
        raise NotImplementedError

    def _label_of(self, seed: int) -> np.ndarray:
        raise NotImplementedError

    def _w(self, seed: int, label: int | str | tuple[float, ...] | None):
        raise NotImplementedError

    def _image(self, w, controls: Controls) -> np.ndarray:
        raise NotImplementedError
