"""A session with a network in this process."""

from functools import cached_property

import numpy as np
import tensorflow as tf

from stylegan_tf.directions.samples import SAMPLES, sample_w
from stylegan_tf.drawing import Drawing, argument, traced
from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.session import Facts, Session
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.loading import load
from stylegan_tf.models.configurations import configuration


class LocalSession(Session):
    """Draws with a generator, one picture at a time, as `stylegan-tf generate` does.

    Args:
        source: a run directory or a .keras file.
        directions: path of a file of directions, or None.
    """

    def __init__(self, source, directions=None):
        self.source = self.name = str(source)
        self.generator = load(source)
        self.w_avg = tf.convert_to_tensor(self.generator.w_avg)
        self.facts = self._facts()
        self._drawing = Drawing(self.generator)
        self._trace()
        more = "" if directions is None else f", directions={str(directions)!r}"
        self.opening = f"explorer.LocalSession({self.source!r}{more})"
        super().__init__(directions)

    def _facts(self) -> Facts:
        generator = self.generator
        switches = configuration(generator.get_config()["config"])
        return Facts(
            resolution=generator.grown_to[0],
            channels=generator.channels,
            w_size=generator.w_size,
            latent_size=generator.latent_size,
            num_layers=generator.num_layers,
            labels=generator.label_size,
            label_names=tuple(generator.label_names or ()),
            has_styles=switches.styles,
            has_noise=switches.noise,
        )

    @cached_property
    def sampled_w(self) -> np.ndarray:
        """[4096, w_size], of one stream of latents."""
        return sample_w(self.generator, SAMPLES)

    def _trace(self) -> None:
        # The ops that `generate` takes, and a graph as there: other ones give other last bits.
        facts, drawing = self.facts, self._drawing
        self._noise_shapes = self.generator.synthesis.noise_shapes(facts.resolution)
        noise = [
            argument(f"noise_{layer}", tf.float32, [*sides, 1])
            for layer, sides in enumerate(self._noise_shapes)
        ]
        z = argument("z", tf.float32, [facts.latent_size])
        w = argument("w", tf.float32, [facts.num_layers, facts.w_size])
        label = [argument("label", tf.int32)] if facts.labels else []
        self._mapped = traced(drawing.w, [z, *label])
        self._drawn = traced(
            lambda w, *noise: drawing.pictures(w, list(noise) or "none"), [w, *noise]
        )

    def _w(self, seed, label):
        labels = [tf.constant([-1 if label is None else label])] if self.facts.labels else []
        return self._mapped(z_from_seeds([seed], self.facts.latent_size), *labels)

    def _picture(self, w, controls):
        return self._drawn(w, *self._noise(controls))[0].numpy()

    def _noise(self, controls: Controls) -> list:
        """The noise image of each layer times its strength."""
        synthesis, shapes = self.generator.synthesis, self._noise_shapes
        if controls.noise == "none":
            return [tf.zeros([1, *sides, 1]) for sides in shapes]
        if controls.noise == "random":
            images = noise_from_seeds([controls.seed], shapes)
        else:
            layers = synthesis.synthesis_layers[: len(shapes)]
            images = [layer.noise.image("constant", 1) for layer in layers]
        return [
            image * controls.strengths[layer] if layer in controls.strengths else image
            for layer, image in enumerate(images)
        ]
