"""Finds the w and the noise of an image.

Karras et al. (2019b), "Analyzing and Improving the Image Quality of StyleGAN", appendix D.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf import generation
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.deprecation import warn
from stylegan_tf.directions.samples import sample_w
from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.images import to_float
from stylegan_tf.latents import noise_from_seeds
from stylegan_tf.metrics.lpips import LPIPS, load_lpips
from stylegan_tf.models import BaseGenerator
from stylegan_tf.models.shapes import check_shape
from stylegan_tf.ops import xla
from stylegan_tf.projection import noise
from stylegan_tf.projection.result import Projection
from stylegan_tf.projection.schedules import LearningRate, noise_of_w
from stylegan_tf.projection.settings import Settings
from stylegan_tf.projection.target import seen

SAMPLES = 10_000  # w that their mean and deviation are taken of
REGULARIZATION = 1e5  # weight of what keeps noise noise
DISTANCES = ("lpips", "mse")


def project(
    generator: BaseGenerator,
    image: np.ndarray,
    settings: Settings | None = None,
    perceptual: LPIPS | None = None,
    watch: Callable[[int, "Projector"], None] = lambda done, projector: None,
) -> Projection:
    """Finds the w, and the noise, with which a generator generates an image.

    Args:
        generator: a `Generator` with styles (configurations C to F).
        image: uint8 [R, R, C], of the resolution to which the generator has grown.
        settings: the settings; None for the defaults.
        perceptual: LPIPS, as in `Projector`.
        watch: called after each step with how many are done, and the `Projector`.
    """
    projector = Projector(generator, image, settings, perceptual)
    for done in range(1, projector.settings.steps + 1):
        projector.step()
        watch(done, projector)
    return projector.result()


class Projector:
    """An optimization on its way: w, the noise of each layer, and a compiled step.

    Args:
        generator: a `Generator` with styles (configurations C to F).
        image: uint8 [R, R, C], of the resolution to which the generator has grown (`read_target`).
        settings: `Settings`; None for the defaults.
        perceptual: `LPIPS`; None: with the weights that `load_lpips` finds, if it has a weight.

    Raises:
        ValueError: if the image does not fit the network, or the network has no styles.
        WeightsMissing: if LPIPS has a weight and cannot be loaded.
    """

    def __init__(
        self,
        generator: BaseGenerator,
        image: np.ndarray,
        settings: Settings | None = None,
        perceptual: LPIPS | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.sampler = Sampler(generator, self.settings.label)
        self.sampler.require("styles")
        side = self.sampler.resolution
        self._shape = (side, side, generator.channels)
        check_shape("image", np.asarray(image), self._shape)
        self.perceptual = (perceptual or load_lpips()) if self.settings.lpips else None
        # Variables, so that the compiled step serves for other images, too.
        self._target = [tf.Variable(one, trainable=False) for one in self._of_target(image)]
        self._distances: list[tf.Tensor] = []
        self._make_variables()
        self._optimizer = keras.optimizers.Adam(LearningRate(self.settings.steps))
        self._optimizer.build(self._variables)
        self._changing = [*self._variables, self._done, self._optimizer.iterations]
        self._changing += self._optimizer.variables
        self._at_start = [tf_variable(one).numpy() for one in self._changing]
        self._compiled = tf.function(self._step, input_signature=[], autograph=False)

    def restart(self, image: np.ndarray) -> None:
        """Starts anew with another image, by the same compiled step; what was found is forgotten.

        Args:
            image: uint8 [R, R, C], as the first.

        Raises:
            ValueError: if the image does not fit the network.
        """
        check_shape("image", np.asarray(image), self._shape)
        variables = [*self._target, *self._changing]
        values = [*self._of_target(image), *self._at_start]
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        self._distances = []

    def _of_target(self, image: np.ndarray) -> list[tf.Tensor]:
        """Returns an image as the networks see it, [1, R, R, C], then its features for LPIPS."""
        target = to_float(image)[None]
        return [target, *(self.perceptual.features(seen(target)) if self.perceptual else [])]

    def _make_variables(self) -> None:
        samples = sample_w(self.sampler.generator, SAMPLES, self.settings.seed, self.settings.label)
        mean = samples.mean(0)
        self._deviation = np.sqrt(np.square(samples - mean).sum(1).mean())
        count = 1 if self.settings.space == "w" else self.sampler.num_ws
        self.w = tf.Variable(np.tile(mean, [1, count, 1]), name="w")  # [1, 1 or L, w_size]
        images = noise_from_seeds([self.settings.seed], self.sampler.generator.noise_shapes())
        self.noise = [tf.Variable(image, name=f"noise{n}") for n, image in enumerate(images)]
        noise.renormalize(self.noise)
        self._variables = [self.w, *self.noise]
        self._done = tf.Variable(0, trainable=False, dtype=tf.int64, name="done")

    def step(self) -> None:
        """Moves w and the noise once."""
        self._distances.append(self._compiled())

    def image(self) -> np.ndarray:
        """Generates the image of the present w and noise, uint8 [R, R, C]."""
        return self.result().image(self.sampler.generator)

    def picture(self) -> np.ndarray:
        """Does what `image` does; this was its name before."""
        warn("Projector.picture", "Projector.image")
        return self.image()

    def result(self) -> Projection:
        """Returns the present w and noise."""
        distances = np.array(self._distances, np.float32).reshape(-1, len(DISTANCES))
        return Projection(
            w=self.w.numpy()[0],
            noise=[image.numpy()[0] for image in self.noise],
            distances=dict(zip(DISTANCES, distances.T, strict=True)),
            settings=self.settings,
        )

    def _step(self) -> tf.Tensor:
        """Returns the distances before the step, [2]."""
        xla.stay_outside()
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self._variables)
            distances = self._compare(self._synthesize(self.w + self._noise_of_w()))
            weights = tf.constant([self.settings.lpips, self.settings.mse], tf.float32)
            loss = tf.reduce_sum(weights * distances)
            loss += REGULARIZATION * noise.regularization(self.noise)
        gradients = tape.gradient(loss, self._variables)
        self._optimizer.apply_gradients(zip(gradients, self._variables, strict=True))
        noise.renormalize(self.noise)
        self._done.assign_add(1)
        return distances

    def _noise_of_w(self) -> tf.Tensor:
        seed = tf.stack([self.settings.seed, -1 - self._done])  # streams from 0 up are the noise's
        scale = noise_of_w(self._done, self.settings.steps) * self._deviation
        return scale * tf.random.stateless_normal(self.w.shape, seed)

    def _synthesize(self, w: tf.Tensor) -> tf.Tensor:
        w = tf.broadcast_to(w, [1, self.sampler.num_ws, w.shape[-1]])
        images = [tf.convert_to_tensor(image) for image in self.noise] or "none"
        return generation.synthesize(self.sampler.generator, w, images)

    def _compare(self, images: tf.Tensor) -> tf.Tensor:
        perceptual = tf.zeros([])
        target, *target_features = map(tf.convert_to_tensor, self._target)
        if self.perceptual:
            features = self.perceptual.features(seen(images))
            perceptual = self.perceptual.distance(features, target_features)[0]
        return tf.stack([perceptual, tf.reduce_mean(tf.square(images - target))])
