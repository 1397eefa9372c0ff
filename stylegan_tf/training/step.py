"""The compiled training step: gradients on every replica, updates where they are finite."""

import tensorflow as tf

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Generator
from stylegan_tf.training import random_inputs
from stylegan_tf.training.active import (
    active_discriminator_variables,
    active_generator_variables,
    grown_generator_variables,
)
from stylegan_tf.training.config import Config
from stylegan_tf.training.gan import GAN, statistics
from stylegan_tf.training.loss_scale import LossScale
from stylegan_tf.training.networks import Networks


class TrainStep:
    """Runs pairs of D and G steps on a `tf.distribute` strategy, one compiled graph a resolution.

    Args:
        strategy: `tf.distribute.Strategy` in whose scope everything else was made.
        gan: `GAN`.
        average: `Generator`, the exponential moving average (EMA) of the one that learns.
        generator_optimizer, discriminator_optimizer: built Keras optimizers.
        w_avg_beta: float, how much of w_avg stays in each step.
        pairs: int, how many D and G steps a call takes.
        loss_scales: `LossScale` by network, "d" and "g", or None: losses are not scaled.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        gan: GAN,
        average: Generator,
        generator_optimizer,
        discriminator_optimizer,
        w_avg_beta: float,
        pairs: int,
        loss_scales: dict[str, LossScale] | None = None,
    ):
        self.strategy = strategy
        self.gan = gan
        self.average = average
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.w_avg_beta = w_avg_beta
        self.pairs = pairs
        self.loss_scales = loss_scales or {}
        self.compiled = {}  # by resolution

    @classmethod
    def of(cls, strategy: tf.distribute.Strategy, networks: Networks, config: Config):
        """The step of a run, from its state and its configuration."""
        return cls(
            strategy,
            GAN(networks.generator, networks.discriminator, config),
            networks.generator_ema,
            networks.generator_optimizer,
            networks.discriminator_optimizer,
            config.schedule.w_avg_beta,
            config.schedule.pairs,
            networks.loss_scales,
        )

    def __call__(self, resolution: int, iterator, step, fade, ema_beta) -> dict[str, tf.Tensor]:
        """Takes `pairs` steps.

        Args:
            resolution: int.
            iterator: distributed iterator of pictures, uint8 [N, r, r, C], or pairs with labels.
            step: int, the number of pairs taken before, for the random numbers.
            fade: float in [0, 1].
            ema_beta: float, how much of the averaged generator stays in each step.

        Returns:
            means over all pictures and steps by name, and `skipped`: updates left out because a
            gradient was not finite.
        """
        if resolution not in self.compiled:
            self.compiled[resolution] = self._compile(resolution)
        scalars = (tf.constant(fade, tf.float32), tf.constant(ema_beta, tf.float32))
        return self.compiled[resolution](iterator, tf.constant(step, tf.int64), *scalars)

    def _compile(self, resolution: int):
        names = statistics(self.gan.loss)

        @tf.function
        def run(iterator, step, fade, ema_beta):
            total = dict.fromkeys(names, 0.0)
            for index in tf.range(self.pairs, dtype=tf.int64):
                stats = self.pair(resolution, next(iterator), step + index, fade, ema_beta)
                total = {name: total[name] + stats[name] for name in names}
            means = {name: value / self.pairs for name, value in total.items()}
            return {**means, "skipped": total["skipped"]}

        return run

    def pair(self, resolution: int, batch, step, fade, ema_beta) -> dict[str, tf.Tensor]:
        """One D step with the EMA update, then one G step, in cross-replica context."""
        pictures, labels = batch if isinstance(batch, tuple) else (batch, None)
        generator, discriminator = self.gan.generator, self.gan.discriminator
        found = self.strategy.run(
            self._discriminator_step, args=(resolution, pictures, labels, step, fade)
        )
        variables = active_discriminator_variables(discriminator, resolution)
        stats = self._apply(self.discriminator_optimizer, found, variables, "d")
        self._update_average(resolution, ema_beta)
        found = self.strategy.run(
            self._generator_step, args=(resolution, pictures, labels, step, fade)
        )
        variables = active_generator_variables(generator, resolution)
        more = self._apply(self.generator_optimizer, found, variables, "g")
        return {**stats, **more, "skipped": stats["skipped"] + more["skipped"]}

    def _discriminator_step(self, resolution, pictures, labels, step, fade):
        reals = self.gan.reals(pictures, fade)
        draw = self.gan.draw(step, random_inputs.D_STEP, pictures.shape[0], resolution)
        return self.gan.discriminator_gradients(
            draw, reals, labels, fade, resolution, self._scale(), self._loss_scale("d")
        )

    def _generator_step(self, resolution, pictures, labels, step, fade):
        draw = self.gan.draw(step, random_inputs.G_STEP, pictures.shape[0], resolution)
        return self.gan.generator_gradients(
            draw, labels, fade, resolution, self._scale(), self._loss_scale("g")
        )

    def _scale(self) -> float:
        # The optimizer sums gradients over replicas; the loss is a mean over the global batch.
        return 1 / self.strategy.num_replicas_in_sync

    def _loss_scale(self, network: str):
        """That of a network, as this replica has it, or None."""
        found = self.loss_scales.get(network)
        return found and tf.convert_to_tensor(found.value)

    def _apply(self, optimizer, found, variables, network: str) -> dict[str, tf.Tensor]:
        """Updates variables, unless a gradient is not finite on some replica: then nothing."""
        self._update_w_avg(found.w_mean)
        broken = self.strategy.run(lambda finite: tf.cast(~finite, tf.float32), (found.finite,))
        broken = self.strategy.reduce("SUM", broken, axis=None) > 0
        if network in self.loss_scales:
            self.loss_scales[network].update(broken)

        def update():
            self.strategy.run(_apply_gradients, (optimizer, found.values, variables))
            return 0.0

        # The branch is taken outside the replicas: inside, merging their gradients would fail.
        skipped = tf.cond(broken, lambda: 1.0, update)
        means = {
            name: self.strategy.reduce("MEAN", value, axis=None)
            for name, value in found.sums.items()
        }
        return {**means, "skipped": skipped}

    def _update_w_avg(self, w_mean) -> None:
        """w_avg ← β · w_avg + (1 - β) · mean of w (paper, appendix B)."""
        w_mean = self.strategy.reduce("MEAN", w_mean, axis=None)
        w_avg = tf_variable(self.gan.generator.w_avg)
        w_mean = tf.where(tf.math.is_finite(w_mean), w_mean, w_avg)  # one bad w would stay forever
        w_avg.assign(w_mean + (w_avg - w_mean) * self.w_avg_beta)

    def _update_average(self, resolution: int, beta) -> None:
        """Moves the averaged generator; w_avg is copied, and blocks that have not come yet stay."""
        source = grown_generator_variables(self.gan.generator, resolution)
        target = grown_generator_variables(self.average, resolution)
        for new, old in zip(source, target, strict=True):
            self._assign(old, new, beta)
        self._assign(self.average.w_avg, self.gan.generator.w_avg, 0.0)

    def _assign(self, old, new, beta) -> None:
        """`old ← new + β · (old - new)` on every replica from its own copies."""

        def assign(variable, value):
            variable.assign(value + (variable - value) * beta)

        old, new = tf_variable(old), tf_variable(new)
        self.strategy.extended.update(old, assign, args=(new,))


def _apply_gradients(optimizer, gradients, variables) -> None:
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
