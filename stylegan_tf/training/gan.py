"""One replica's part of a training step: images in, gradients out, no state changed."""

from functools import partial
from typing import NamedTuple

import tensorflow as tf

from stylegan_tf import images
from stylegan_tf.augment import Augmentation
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Discriminator, Generator, styles
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.penalties import Critic, Fakes
from stylegan_tf.training import random_inputs
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import Objective, is_built_in, make_augmentation, penalize
from stylegan_tf.training.random_inputs import RandomInputs, RandomStream

# What adaptive augmentations go by, which is not in the log: the sign of logits of reals, in how
# many passes over them, and how many images a step has.
REAL_SIGN, REAL_PASSES, BATCH = UNLOGGED = ("real_sign", "real_passes", "batch")


class Gradients(NamedTuple):
    """What a D step or a G step computes.

    Attributes:
        values: gradients of the loss, one for each of the active variables.
        means: means over the images of this replica, of what `Generator.moving_averages` move to:
            of w, [w_size], and of main steps of what comes after it there.
        sums: scalars by name, each a mean over this replica's images, for the log.
        finite: bool scalar, False if any gradient is infinite or not a number.
    """

    values: list[tf.Tensor]
    means: list[tf.Tensor]
    sums: dict[str, tf.Tensor]
    finite: tf.Tensor


class GAN:
    """Losses of a generator and a discriminator, as gradients.

    Args:
        generator: `Generator`.
        discriminator: `Discriminator` of the same resolution.
        config: the run's configuration.
        augmentation: what changes images in front of the discriminator. Defaults to a new one, as
            configured.
        objective: the loss and the penalties. Defaults to a new one, as configured.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        config: Config,
        augmentation: Augmentation | None = None,
        objective: Objective | None = None,
    ):
        self.generator = generator
        self.discriminator = discriminator
        if objective is None:
            objective = Objective(config.loss)
            objective.build()
        self.objective = objective
        self.augmentation = augmentation or make_augmentation(config.augment)
        self.seed = config.seed
        mixing = config.generator.mixing_probability
        if mixing is None:
            mixing = 0.9 if get_architecture(config.generator.architecture).mixing else 0.0
        self.mixing_probability = mixing

    @property
    def is_built_in(self) -> bool:
        """Whether the loss, all penalties and the augmentation come with the package."""
        weighted = (one.penalty for one in self.objective.penalties)
        return all(map(is_built_in, [self.objective.loss, *weighted, self.augmentation]))

    def sample_inputs(self, step, network: int, batch: int, resolution: int) -> RandomInputs:
        """Returns the random numbers of a step on this replica."""
        seed = random_inputs.step_seed(self.seed, step, network)
        return random_inputs.sample_inputs(
            self.generator, seed, batch, resolution, self.mixing_probability
        )

    def fakes(self, inputs: RandomInputs, labels, fade, resolution: int):
        """Generates images for training, with style mixing and without truncation.

        Returns:
            images [N, r, r, C], and the `means` of `Gradients`.
        """
        mixed, w = self._styles(inputs, labels)
        fakes, means = self._synthesize(inputs, fade, resolution, mixed)
        return fakes, [tf.reduce_mean(tf.stop_gradient(w), axis=0), *means]

    def _styles(self, inputs: RandomInputs, labels, count: int | None = None):
        """Returns mixed styles [n, L, w_size] and w [n, w_size] of the first latents, or of all."""
        z = tf.concat([inputs.z[:count], inputs.z_mix[:count]], axis=0)
        labels = None if labels is None else labels[:count]
        w, w_mix = tf.split(self.generator.mapping(z, _twice(labels)), 2)
        layers = self.generator.num_ws
        mixed = styles.mix(
            styles.broadcast(w, layers), styles.broadcast(w_mix, layers), inputs.crossover
        )
        return mixed, w

    def _synthesize(self, inputs: RandomInputs, fade, resolution: int, w):
        """Returns the images of styles, with the noise of as many images of the step, and means."""
        noise = [one[: w.shape[0]] for one in inputs.noise] or "none"
        return self.generator.synthesize_for_training(w, noise, resolution, fade)

    def _synthesis(self, inputs: RandomInputs, fade, resolution: int, w):
        """Returns the images of styles alone."""
        return self._synthesize(inputs, fade, resolution, w)[0]

    def generator_gradients(
        self, inputs, reals, labels, fade, resolution: int, scale, loss_scale=None
    ) -> Gradients:
        """Returns gradients of the generator's loss.

        Args:
            inputs: this step's `RandomInputs`.
            reals: real images as the networks see them, [N, r, r, C]. Losses that do not compare
                with them leave their logits out of the compiled graph.
            labels: theirs, [N, label_size], or None.
            fade: scalar tensor.
            resolution: int.
            scale: 1 / number of replicas: gradients are summed over them.
            loss_scale: scalar tensor, by which the loss is multiplied and its gradients are divided
                again, or None.
        """
        fake_labels = _ordered(labels, inputs.label_order)
        variables = self.generator.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            fakes, means = self.fakes(inputs, fake_labels, fade, resolution)
            both = (labels, fake_labels)
            critic = self._critic(inputs, reals, fakes, both, fade, resolution, loss_scale)
            loss = tf.reduce_mean(self.objective.generator_loss(critic, reals, fakes))
            view = self._fakes_view(inputs, fake_labels, fade, resolution, loss_scale)
            penalty, terms = penalize(self.objective.due("g"), view, inputs.rng)
            loss += tf.reduce_mean(penalty)
            target = loss * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        sums = {"loss_g": loss, **_means(terms)}
        return Gradients(gradients, means, sums, all_finite(gradients))

    def discriminator_gradients(
        self, inputs, reals, labels, fade, resolution: int, scale, loss_scale=None
    ) -> Gradients:
        """Returns gradients of the discriminator's loss.

        Args:
            inputs: this step's `RandomInputs`.
            reals: real images as the networks see them, [N, r, r, C].
            labels: theirs, [N, label_size], or None.
            fade: scalar tensor.
            resolution: int.
            scale: 1 / number of replicas, as in `generator_gradients`.
            loss_scale: as in `generator_gradients`.
        """
        fake_labels = _ordered(labels, inputs.label_order)
        fakes, means = self.fakes(inputs, fake_labels, fade, resolution)
        fakes = tf.stop_gradient(fakes)
        variables = self.discriminator.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            both = (labels, fake_labels)
            critic = self._critic(inputs, reals, fakes, both, fade, resolution, loss_scale)
            terms = self.objective.discriminator_terms(critic, reals, fakes, inputs.rng)
            target = tf.reduce_mean(terms["loss_d"]) * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        sums = {**_means(terms), **self._signs(critic, reals)}
        return Gradients(gradients, means, sums, all_finite(gradients))

    def lazy_gradients(
        self,
        network: str,
        interval: int,
        inputs,
        reals,
        labels,
        fade,
        resolution: int,
        scale,
        loss_scale=None,
    ) -> Gradients:
        """Returns gradients of the lazy penalties of a network, times their interval.

        Args:
            network: "d" or "g".
            interval: int, which of them.
            inputs: the `RandomInputs` of this step, which are its own.
            reals: real images as the networks see them, [N, r, r, C].
            labels: theirs, [N, label_size], or None.
            fade: scalar tensor.
            resolution: int.
            scale: 1 / number of replicas, as in `generator_gradients`.
            loss_scale: as in `generator_gradients`.

        Returns:
            gradients, and `sums` without the interval.
        """
        fake_labels = _ordered(labels, inputs.label_order)
        due = self.objective.due(network, interval)
        model = self.discriminator if network == "d" else self.generator
        variables = model.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            if network == "d":
                # Where no penalty looks at fakes, the compiled graph leaves them out.
                fakes, means = self.fakes(inputs, fake_labels, fade, resolution)
                fakes = tf.stop_gradient(fakes)
                both = (labels, fake_labels)
                critic = self._critic(inputs, reals, fakes, both, fade, resolution, loss_scale)
                total, terms = penalize(due, critic, reals, fakes, inputs.rng)
            else:
                view = self._fakes_view(inputs, fake_labels, fade, resolution, loss_scale)
                total, terms = penalize(due, view, inputs.rng)
                means = [tf.reduce_mean(tf.stop_gradient(view.w), axis=0)]
            loss = tf.reduce_mean(total)
            target = loss * (scale * interval)
        gradients = self._gradient(tape, target, variables, loss_scale)
        sums = {f"loss_{network}": loss, **_means(terms)}
        if network == "d":
            sums |= self._signs(critic, reals)
        return Gradients(gradients, means, sums, all_finite(gradients))

    def _signs(self, critic: Critic, reals) -> dict[str, tf.Tensor]:
        """What an adaptive augmentation goes by, of one pass over the reals."""
        if not self.is_adaptive:
            return {}
        return {
            REAL_SIGN: tf.reduce_mean(tf.sign(critic.logits(reals))),
            REAL_PASSES: tf.ones([]),
        }

    def _critic(self, inputs, reals, fakes, labels, fade, resolution: int, loss_scale) -> Critic:
        """The discriminator as losses and penalties see it; labels are those of reals, of fakes."""
        real_labels, fake_labels = labels
        return Critic(
            self._augmented_discriminator(inputs.rng, reals, fakes, fade, resolution),
            reals,
            fakes,
            real_labels,
            fake_labels,
            (resolution / self.generator.resolution) ** 2,
            loss_scale,
        )

    def _fakes_view(self, inputs, labels, fade, resolution: int, loss_scale) -> Fakes:
        """The generator as its penalties see it."""
        return Fakes(
            partial(self._styles, inputs, labels),
            partial(self._synthesis, inputs, fade, resolution),
            inputs.z.shape[0],
            loss_scale,
        )

    @property
    def is_adaptive(self) -> bool:
        """Whether the augmentation takes the sign of logits of reals after each call of a step."""
        return hasattr(self.augmentation, "update")

    def _augmented_discriminator(self, rng: RandomStream, reals, fakes, fade, resolution: int):
        """The discriminator behind the augmentation, a function of images and labels.

        In a step a tensor gets the same random numbers whenever it is evaluated.
        """
        numbers = {reals.ref(): 0, fakes.ref(): 1}
        return partial(self._discriminate, rng, numbers, fade, resolution)

    def _discriminate(self, rng: RandomStream, numbers: dict, fade, resolution, images, labels):
        number = numbers.setdefault(images.ref(), len(numbers))
        augmented = self.augmentation(images, rng.stream(number))
        return self.discriminator(augmented, labels, resolution=resolution, fade=fade)

    @staticmethod
    def _gradient(tape, target, variables, loss_scale):
        raw = [tf_variable(variable) for variable in variables]
        gradients = tape.gradient(target, raw, loss_scale, unconnected_gradients="zero")
        if loss_scale is None:
            return gradients
        return [gradient / loss_scale for gradient in gradients]

    def reals(self, stored, fade):
        """Returns stored images, uint8, as the networks see them."""
        return images.fade_reals(images.to_float(stored), fade)


def all_finite(gradients):
    """Returns False if any entry is infinite or not a number.

    It takes one pass and no temporary of their size.
    """
    sums = tf.stack([tf.reduce_sum(tf.cast(gradient, tf.float32)) for gradient in gradients])
    return tf.reduce_all(tf.math.is_finite(sums))


def _means(terms: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {name: tf.reduce_mean(value) for name, value in terms.items()}


def _ordered(labels, order):
    return None if labels is None else tf.gather(labels, order)


def _twice(labels):
    return None if labels is None else tf.concat([labels, labels], axis=0)
