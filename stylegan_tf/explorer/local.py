"""A session with a network in this process."""

from functools import cached_property

import numpy as np
import tensorflow as tf

from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.directions import SAMPLES
from stylegan_tf.explorer.session import Facts, Session
from stylegan_tf.latents import noise_from_seeds, normals_from_seeds, z_from_seeds
from stylegan_tf.models import load, styles
from stylegan_tf.models.configurations import configuration
from stylegan_tf.training.images import to_uint8


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
        self.resolution, self.fade = self.generator.grown_to
        self.facts = self._facts()
        more = "" if directions is None else f", directions={str(directions)!r}"
        self.opening = f"explorer.LocalSession({self.source!r}{more})"
        super().__init__(directions)

    def _facts(self) -> Facts:
        generator = self.generator
        switches = configuration(generator.get_config()["config"])
        return Facts(
            resolution=self.resolution,
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
        (z,) = normals_from_seeds([0], [[SAMPLES, self.facts.latent_size]])
        classes = tf.range(SAMPLES) % max(1, self.facts.labels)
        labels = tf.one_hot(classes, self.facts.labels) if self.facts.labels else None
        return self.generator.mapping(z[0], labels).numpy()

    def _w(self, seed, label):
        z = z_from_seeds([seed], self.facts.latent_size)
        labels = None if label is None else tf.one_hot([label], self.facts.labels)
        return styles.broadcast(self.generator.mapping(z, labels), self.facts.num_layers)

    def _picture(self, w, controls):
        images = self.generator.synthesis(
            w, noise=self._noise(controls), resolution=self.resolution, fade=self.fade
        )
        return to_uint8(images)[0].numpy()

    def _noise(self, controls: Controls):
        """`"none"`, or the noise image of each layer times its strength."""
        synthesis = self.generator.synthesis
        shapes = synthesis.noise_shapes()
        if controls.noise == "none" or not shapes:
            return "none"
        if controls.noise == "random":
            images = noise_from_seeds([controls.seed], shapes)
        else:
            layers = synthesis.synthesis_layers
            images = [layer.noise.image("constant", 1) for layer in layers]
        return [
            image * controls.strengths[layer] if layer in controls.strengths else image
            for layer, image in enumerate(images)
        ]
