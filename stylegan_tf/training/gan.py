"""One replica's part of a training step: pictures in, gradients out, no state changed."""

from typing import NamedTuple

import tensorflow as tf

from stylegan_tf import images
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Discriminator, Generator, styles
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.training import losses, random_inputs
from stylegan_tf.training.config import Config, LossConfig


class Gradients(NamedTuple):
    """What a D or G step computes.

    Attributes:
        values: gradients of the loss, one for each of the active variables.
        w_mean: mean of w over the pictures of this replica, [w_size].
        sums: scalars by name, each a mean over this replica's pictures, for the log.
        finite: bool scalar, False if any gradient is infinite or not a number.
    """

    values: list[tf.Tensor]
    w_mean: tf.Tensor
    sums: dict[str, tf.Tensor]
    finite: tf.Tensor


def statistics(config: LossConfig) -> list[str]:
    """Names of the scalars that a pair of D and G steps yields."""
    penalties = {
        "r1": config.name == "logistic_ns" and config.gamma > 0,
        "r2": config.r2_gamma > 0,
        "gp": config.name.endswith("_gp"),
    }
    used = [name for name, present in penalties.items() if present]
    return ["loss_g", "loss_d", "real_logit", "fake_logit", *used, "skipped"]


class GAN:
    """Losses of a generator and a discriminator, as gradients.

    Args:
        generator: `Generator`.
        discriminator: `Discriminator` of the same resolution.
        config: the run's configuration.
    """

    def __init__(self, generator: Generator, discriminator: Discriminator, config: Config):
        self.generator = generator
        self.discriminator = discriminator
        self.loss = config.loss
        self.seed = config.seed
        mixing = config.generator.mixing_probability
        if mixing is None:
            mixing = 0.9 if get_architecture(config.generator.config).mixing else 0.0
        self.mixing_probability = mixing

    def draw(self, step, network: int, batch: int, resolution: int) -> random_inputs.Draws:
        """The random numbers of a step on this replica."""
        seed = random_inputs.step_seed(self.seed, step, network)
        return random_inputs.draw(self.generator, seed, batch, resolution, self.mixing_probability)

    def fakes(self, draw: random_inputs.Draws, labels, fade, resolution: int):
        """Generates pictures for training, with style mixing and without truncation.

        Returns:
            pictures [N, r, r, C], and the mean of w, [w_size].
        """
        generator = self.generator
        w = generator.mapping(tf.concat([draw.z, draw.z_mix], axis=0), _twice(labels))
        w, w_mix = tf.split(w, 2)
        layers = generator.num_ws
        mixed = styles.mix(
            styles.broadcast(w, layers), styles.broadcast(w_mix, layers), draw.crossover
        )
        noise = draw.noise or "none"
        pictures = generator.synthesis(mixed, noise=noise, resolution=resolution, fade=fade)
        return pictures, tf.reduce_mean(tf.stop_gradient(w), axis=0)

    def generator_gradients(
        self, draw, labels, fade, resolution: int, scale, loss_scale=None
    ) -> Gradients:
        """Gradients of the generator's loss.

        Args:
            draw: this step's `Draws`.
            labels: of real pictures, [N, label_size], or None.
            fade: scalar tensor.
            resolution: int.
            scale: 1 / number of replicas: gradients are summed over them.
            loss_scale: scalar tensor, by which the loss is multiplied and its gradients are divided
                again, or None.
        """
        labels = _ordered(labels, draw.label_order)
        variables = self.generator.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            fakes, w_mean = self.fakes(draw, labels, fade, resolution)
            logits = self.discriminator(fakes, labels, resolution=resolution, fade=fade)
            loss = tf.reduce_mean(losses.generator_loss(self.loss.name, logits))
            target = loss * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        return Gradients(gradients, w_mean, {"loss_g": loss}, all_finite(gradients))

    def discriminator_gradients(
        self, draw, reals, labels, fade, resolution: int, scale, loss_scale=None
    ) -> Gradients:
        """Gradients of the discriminator's loss.

        Args:
            draw: this step's `Draws`.
            reals: real pictures as the networks see them, [N, r, r, C].
            labels: theirs, [N, label_size], or None.
            fade, resolution, scale, loss_scale: as in `generator_gradients`.
        """
        fake_labels = _ordered(labels, draw.label_order)
        fakes, w_mean = self.fakes(draw, fake_labels, fade, resolution)
        variables = self.discriminator.trainable_at(resolution)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([tf_variable(variable) for variable in variables])
            terms = self._discriminator_terms(
                draw,
                reals,
                labels,
                tf.stop_gradient(fakes),
                fake_labels,
                fade,
                resolution,
                loss_scale,
            )
            loss = tf.reduce_mean(terms["loss_d"])
            target = loss * scale
        gradients = self._gradient(tape, target, variables, loss_scale)
        sums = {name: tf.reduce_mean(value) for name, value in terms.items()}
        return Gradients(gradients, w_mean, sums, all_finite(gradients))

    def _discriminator_terms(
        self, draw, reals, labels, fakes, fake_labels, fade, resolution, loss_scale
    ):
        """The loss [N] and what it is made of, by name."""
        config = self.loss
        ratio = (resolution / self.discriminator.resolution) ** 2

        def logits_of(labels):
            return lambda pictures: self.discriminator(
                pictures, labels, resolution=resolution, fade=fade
            )

        def with_gradient(pictures, labels):
            return losses.logits_and_squared_gradient(
                logits_of(labels), pictures, ratio, loss_scale
            )

        terms, penalty = {}, 0.0
        if config.gamma > 0 and config.name == "logistic_ns":
            real, squared = with_gradient(reals, labels)
            terms["r1"] = losses.zero_centered_penalty(squared, config.gamma)
            penalty += terms["r1"]
        else:
            real = logits_of(labels)(reals)
        if config.r2_gamma > 0:
            fake, squared = with_gradient(fakes, fake_labels)
            terms["r2"] = losses.zero_centered_penalty(squared, config.r2_gamma)
            penalty += terms["r2"]
        else:
            fake = logits_of(fake_labels)(fakes)
        if config.name.endswith("_gp"):
            mixed = losses.interpolate(reals, fakes, draw.alpha)
            _, squared = with_gradient(mixed, fake_labels)
            terms["gp"] = losses.gradient_penalty(squared, config.gp_weight, config.gp_target)
            penalty += terms["gp"]
        if config.name.startswith("wgan"):
            penalty += losses.drift_penalty(real, config.drift)
        terms["loss_d"] = losses.discriminator_loss(config.name, real, fake) + penalty
        return {**terms, "real_logit": real, "fake_logit": fake}

    @staticmethod
    def _gradient(tape, target, variables, loss_scale):
        raw = [tf_variable(variable) for variable in variables]
        found = tape.gradient(target, raw, loss_scale, unconnected_gradients="zero")
        return found if loss_scale is None else [gradient / loss_scale for gradient in found]

    def reals(self, pictures, fade):
        """Stored pictures, uint8, as the networks see them."""
        return images.fade_reals(images.to_float(pictures), fade)


def all_finite(gradients):
    """False if any entry is infinite or not a number: one pass, no temporary of their size."""
    sums = tf.stack([tf.reduce_sum(tf.cast(gradient, tf.float32)) for gradient in gradients])
    return tf.reduce_all(tf.math.is_finite(sums))


def _ordered(labels, order):
    return None if labels is None else tf.gather(labels, order)


def _twice(labels):
    return None if labels is None else tf.concat([labels, labels], axis=0)
