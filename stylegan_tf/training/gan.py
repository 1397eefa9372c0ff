"""One replica's part of a training step: images in, gradients out, no state changed."""

from functools import partial
from typing import NamedTuple

import tensorflow as tf

from stylegan_tf import images
from stylegan_tf.augment import Augmentation
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Discriminator, Generator, styles
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.penalties import Critic
from stylegan_tf.training import random_inputs
from stylegan_tf.training.config import Config
from stylegan_tf.training.objective import Objective, is_built_in, make_augmentation
from stylegan_tf.training.random_inputs import RandomInputs, RandomStream

# What adaptive augmentations go by, which is not in the log.
REAL_SIGN, BATCH = "real_sign", "batch"


class Gradients(NamedTuple):
    """What a D step or a G step computes.

    Attributes:
        values: gradients of the loss, one for each of the active variables.
        w_mean: mean of w over the images of this replica, [w_size].
        sums: scalars by name, each a mean over this replica's images, for the log.
        finite: bool scalar, False if any gradient is infinite or not a number.
    """

    values: list[tf.Tensor]
    w_mean: tf.Tensor
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
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        config: Config,
        augmentation: Augmentation | None = None,
    ):
        self.generator = generator
        self.discriminator = discriminator
        self.objective = Objective(config.loss)
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
            images [N, r, r, C], and the mean of w, [w_size].
        """
        generator = self.generator
        w = generator.mapping(tf.concat([inputs.z, inputs.z_mix], axis=0), _twice(labels))
        w, w_mix = tf.split(w, 2)
        layers = generator.num_ws
        mixed = styles.mix(
            styles.broadcast(w, layers), styles.broadcast(w_mix, layers), inputs.crossover
        )
        noise = inputs.noise or "none"
        fakes = generator.synthesis(mixed, noise=noise, resolution=resolution, fade=fade)
        return fakes, tf.reduce_mean(tf.stop_gradient(w), axis=0)

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
            fakes, w_mean = self.fakes(inputs, fake_labels, fade, resolution)
            critic = Critic(
                self._augmented_discriminator(inputs.rng, reals, fakes, fade, resolution),
                reals,
                fakes,
                labels,
                fake_labels,
            )
            loss = tf.reduce_mean(self.objective.generator_loss(critic, reals, fakes))
            target = loss * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        return Gradients(gradients, w_mean, {"loss_g": loss}, all_finite(gradients))

    def discriminator_gradients(
        self, inputs, reals, labels, fade, resolution: int, scale, loss_scale=None, step=0
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
            step: int64 scalar, D steps before this one, for lazy penalties.
        """
        fake_labels = _ordered(labels, inputs.label_order)
        fakes, w_mean = self.fakes(inputs, fake_labels, fade, resolution)
        fakes = tf.stop_gradient(fakes)
        discriminator = self._augmented_discriminator(inputs.rng, reals, fakes, fade, resolution)
        ratio = (resolution / self.discriminator.resolution) ** 2

        new_critic = partial(
            Critic, discriminator, reals, fakes, labels, fake_labels, ratio, loss_scale
        )
        variables = self.discriminator.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            terms = self.objective.discriminator_terms(new_critic, reals, fakes, inputs.rng, step)
            loss = tf.reduce_mean(terms["loss_d"])
            target = loss * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        sums = {name: tf.reduce_mean(value) for name, value in terms.items()}
        if self.is_adaptive:
            sums[REAL_SIGN] = tf.reduce_mean(tf.sign(terms["real_logit"]))
        return Gradients(gradients, w_mean, sums, all_finite(gradients))

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


def _ordered(labels, order):
    return None if labels is None else tf.gather(labels, order)


def _twice(labels):
    return None if labels is None else tf.concat([labels, labels], axis=0)
