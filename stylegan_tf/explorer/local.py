"""A session with a network in this process."""

from functools import cached_property

import numpy as np

from stylegan_tf import generation
from stylegan_tf.directions.samples import SAMPLES, sample_w
from stylegan_tf.explorer.controls import Controls
from stylegan_tf.explorer.session import Facts, Session
from stylegan_tf.latents import labels_from_seeds, labels_of, noise_from_seeds, z_from_seeds
from stylegan_tf.pipeline import Pipeline


class LocalSession(Session):
    """Generates with a network, one image at a time, as `stylegan-tf generate` does.

    Args:
        source: as for `Pipeline.from_pretrained`.
        directions: path of a file of directions, or None.
    """

    def __init__(self, source, directions=None):
        self.source = self.name = str(source)
        self.pipeline = Pipeline.from_pretrained(source)
        self.generator = self.pipeline.generator
        self.w_avg = self.pipeline.w_avg
        self.facts = self._facts()
        more = "" if directions is None else f", directions={str(directions)!r}"
        self.opening = f"explorer.LocalSession({self.source!r}{more})"
        super().__init__(directions)

    def _facts(self) -> Facts:
        generator = self.generator
        return Facts(
            resolution=self.pipeline.resolution,
            channels=generator.channels,
            w_size=generator.w_size,
            latent_size=generator.latent_size,
            num_layers=generator.num_ws,
            label_space=self.pipeline.label_space,
            has_w=generator.has_w,
            has_styles=generator.has_styles,
            has_noise=generator.has_noise,
            style_sides=tuple(generator.style_sides()),
            noise_sides=tuple(height for height, _ in generator.noise_shapes()),
        )

    @cached_property
    def sampled_w(self) -> np.ndarray:
        """[4096, w_size], of one stream of latents."""
        return sample_w(self.generator, SAMPLES)

    def _label_of(self, seed):
        return labels_from_seeds([seed], self.pipeline.label_space).numpy()

    def _w(self, seed, label):
        if self.facts.has_w:
            return self.pipeline.map([seed], label=label)
        z = z_from_seeds([seed], self.facts.latent_size)
        vectors = labels_of(label, [seed], self.pipeline.label_space)
        return generation.map_latents(self.generator, z, vectors)

    def _image(self, w, controls):
        (image,) = self.pipeline.synthesize(w, self._noise(controls), output_type="np")
        return image

    def _noise(self, controls: Controls) -> list | str:
        """Returns the noise of each layer times its strength, or `"none"`."""
        if controls.noise == "none":
            return "none"
        if controls.noise == "random":
            images = noise_from_seeds([controls.seed], self.generator.noise_shapes())
        else:
            images = self.generator.stored_noise()
        return [
            image * controls.strengths[layer] if layer in controls.strengths else image
            for layer, image in enumerate(images)
        ]
