"""The compiled training step: gradients on every replica, updates where they are finite."""

from collections.abc import Callable
from functools import partial
from typing import cast

import tensorflow as tf

from stylegan_tf.augment.augmentation import AdaptiveAugmentation
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Generator
from stylegan_tf.ops.xla import stay_outside
from stylegan_tf.training import compilation, random_inputs
from stylegan_tf.training.config import Config
from stylegan_tf.training.gan import GAN, REAL_SIGN, Gradients
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.optimizers import LossScale


class TrainStep:
    """Runs D and G steps in turn on a `tf.distribute` strategy, one compiled graph a resolution.

    Args:
        strategy: `tf.distribute.Strategy` in whose scope everything else was made.
        gan: `GAN`.
        generator_ema: `Generator`, the exponential moving average (EMA) of the one that learns.
        generator_optimizer, discriminator_optimizer: built Keras optimizers.
        w_avg_beta: float, how much of w_avg stays in each step.
        minibatch_repeats: int, how many D steps and G steps a call takes.
        loss_scales: `LossScale` by network, "d" and "g", or None: losses are not scaled.
        xla: bool, whether XLA compiles the gradients.
    """

    def __init__(
        self,
        strategy: tf.distribute.Strategy,
        gan: GAN,
        generator_ema: Generator,
        generator_optimizer,
        discriminator_optimizer,
        w_avg_beta: float,
        minibatch_repeats: int,
        loss_scales: dict[str, LossScale] | None = None,
        xla: bool = False,
    ):
        self.strategy = strategy
        self.gan = gan
        self.generator_ema = generator_ema
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.w_avg_beta = w_avg_beta
        self.minibatch_repeats = minibatch_repeats
        self.loss_scales = loss_scales or {}
        self.xla = xla
        self.compiled: dict[int, Callable] = {}  # by resolution

    @classmethod
    def of(
        cls,
        strategy: tf.distribute.Strategy,
        networks: Networks,
        config: Config,
        xla: bool = False,
    ):
        """Returns the step of a run, from its state and its configuration, with XLA or not."""
        return cls(
            strategy,
            GAN(networks.generator, networks.discriminator, config, networks.augment),
            networks.generator_ema,
            networks.generator_optimizer,
            networks.discriminator_optimizer,
            config.schedule.w_avg_beta,
            config.schedule.minibatch_repeats,
            networks.loss_scales,
            xla,
        )

    def __call__(
        self, resolution: int, iterator, images_shown, fade, ema_beta
    ) -> dict[str, tf.Tensor]:
        """Takes `minibatch_repeats` D steps and as many G steps.

        Args:
            resolution: int.
            iterator: distributed iterator of images, uint8 [N, r, r, C], or of (images, labels).
            images_shown: int, real images that all replicas have seen before.
            fade: float in [0, 1].
            ema_beta: float, how much of the averaged generator stays in each step.

        Returns:
            means over all images and steps by name, and `skipped`: updates left out because a
            gradient was not finite.
        """
        if resolution not in self.compiled:
            # AutoGraph is for what users add: converting all that a step calls takes twice as long
            # as tracing it.
            self.compiled[resolution] = tf.function(
                self._take_pairs, autograph=not self.gan.is_built_in
            )
        scalars = (tf.constant(fade, tf.float32), tf.constant(ema_beta, tf.float32))
        shown = tf.constant(images_shown, tf.int64)
        means = self.compiled[resolution](resolution, iterator, shown, *scalars)
        if self.gan.is_adaptive:
            augmentation = cast(AdaptiveAugmentation, self.gan.augmentation)  # it has `update`
            augmentation.update(means.pop(REAL_SIGN))
        return means

    def _take_pairs(self, resolution: int, iterator, images_shown, fade, ema_beta):
        """What a call computes."""
        stay_outside()
        names = [*self.gan.objective.statistics, *([REAL_SIGN] if self.gan.is_adaptive else [])]
        count = tf.constant(self.minibatch_repeats, tf.int64)
        _, total = tf.while_loop(
            lambda index, total: index < count,
            partial(self._take_pair, resolution, iterator, images_shown, fade, ema_beta),
            (tf.zeros([], tf.int64), {name: tf.zeros([]) for name in names}),
        )
        means = {name: value / self.minibatch_repeats for name, value in total.items()}
        return {**means, "skipped": total["skipped"]}

    def _take_pair(self, resolution, iterator, images_shown, fade, ema_beta, index, total):
        """Takes the D step and the G step of a number; returns the next number, and the sums."""
        batch = next(iterator)
        step = images_shown // self._batch_size(batch) + index
        stats = self.pair(resolution, batch, images_shown + index, fade, ema_beta, step)
        return index + 1, {name: value + stats[name] for name, value in total.items()}

    def _batch_size(self, batch) -> int:
        """Images of a step over all replicas; they have equal shares."""
        images = batch[0] if isinstance(batch, tuple) else batch
        first = self.strategy.experimental_local_results(images)[0]
        return first.shape[0] * self.strategy.num_replicas_in_sync

    def pair(self, resolution: int, batch, number, fade, ema_beta, step=0) -> dict[str, tf.Tensor]:
        """Takes one D step with the EMA update, then one G step, in cross-replica context.

        Args:
            resolution: int.
            batch: images, uint8 [N, r, r, C], or (images, labels), of all replicas.
            number: int64 scalar, which random numbers to take: another one for each pair.
            fade: scalar tensor, as in a call.
            ema_beta: scalar tensor, as in a call.
            step: int64 scalar, D steps before this one, for lazy penalties.
        """
        images, labels = batch if isinstance(batch, tuple) else (batch, None)
        generator, discriminator = self.gan.generator, self.gan.discriminator
        gradients = self.strategy.run(
            self._discriminator_step, args=(resolution, images, labels, number, fade, step)
        )
        variables = discriminator.trainable_at(resolution)
        stats = self._apply(self.discriminator_optimizer, gradients, variables, "d")
        self._update_generator_ema(resolution, ema_beta)
        gradients = self.strategy.run(
            self._generator_step, args=(resolution, images, labels, number, fade)
        )
        variables = generator.trainable_at(resolution)
        more = self._apply(self.generator_optimizer, gradients, variables, "g")
        return {**stats, **more, "skipped": stats["skipped"] + more["skipped"]}

    def _discriminator_step(self, resolution, images, labels, number, fade, step):
        reals = self.gan.reals(images, fade)
        inputs = self._sample_inputs(number, random_inputs.D_STEP, images, resolution)
        scales = (self._scale(), self._loss_scale("d"))
        return self._gradients(
            self.gan.discriminator_gradients,
            *(inputs, reals, labels, fade, resolution, *scales, step),
        )

    def _generator_step(self, resolution, images, labels, number, fade):
        reals = self.gan.reals(images, fade)
        inputs = self._sample_inputs(number, random_inputs.G_STEP, images, resolution)
        scales = (self._scale(), self._loss_scale("g"))
        return self._gradients(
            self.gan.generator_gradients,
            *(inputs, reals, labels, fade, resolution, *scales),
        )

    def _gradients(self, function: Callable[..., Gradients], *arguments) -> Gradients:
        if not self.xla:
            return function(*arguments)
        return compilation.call(function, *arguments, autograph=not self.gan.is_built_in)

    def _sample_inputs(self, number, network: int, images, resolution: int):
        return self.gan.sample_inputs(number, network, images.shape[0], resolution)

    def _scale(self) -> float:
        # The optimizer sums gradients over replicas; the loss is a mean over the global batch.
        return 1 / self.strategy.num_replicas_in_sync

    def _loss_scale(self, network: str):
        """The loss scale of a network, as this replica has it, or None."""
        scale = self.loss_scales.get(network)
        return scale and tf.convert_to_tensor(scale.value)

    def _apply(self, optimizer, gradients, variables, network: str) -> dict[str, tf.Tensor]:
        """Updates variables, unless a gradient is not finite on some replica: then nothing."""
        self._update_w_avg(gradients.w_mean)
        broken = self.strategy.run(lambda finite: tf.cast(~finite, tf.float32), (gradients.finite,))
        broken = self.strategy.reduce("SUM", broken, axis=None) > 0
        if network in self.loss_scales:
            self.loss_scales[network].update(broken)

        def update():
            self.strategy.run(_apply_gradients, (optimizer, gradients.values, variables))
            return 0.0

        # The branch is taken outside the replicas: inside, merging their gradients would fail.
        skipped = tf.cond(broken, lambda: 1.0, update)
        means = {
            name: self.strategy.reduce("MEAN", value, axis=None)
            for name, value in gradients.sums.items()
        }
        return {**means, "skipped": skipped}

    def _update_w_avg(self, w_mean) -> None:
        """w_avg ← β · w_avg + (1 - β) · mean of w (paper, appendix B)."""
        w_mean = self.strategy.reduce("MEAN", w_mean, axis=None)
        w_avg = tf_variable(self.gan.generator.w_avg)
        w_mean = tf.where(tf.math.is_finite(w_mean), w_mean, w_avg)  # one bad w would stay forever
        w_avg.assign(w_mean + (w_avg - w_mean) * self.w_avg_beta)

    def _update_generator_ema(self, resolution: int, beta) -> None:
        """Moves the averaged generator; w_avg is copied, and blocks that have not come yet stay."""
        source = self.gan.generator.grown_at(resolution)
        target = self.generator_ema.grown_at(resolution)
        for new, old in zip(source, target, strict=True):
            self._assign(old, new, beta)
        self._assign(self.generator_ema.w_avg, self.gan.generator.w_avg, 0.0)

    def _assign(self, old, new, beta) -> None:
        """`old ← new + β · (old - new)` on every replica from its own copies."""

        def assign(variable, value):
            variable.assign(value + (variable - value) * beta)

        old, new = tf_variable(old), tf_variable(new)
        self.strategy.extended.update(old, assign, args=(new,))


def _apply_gradients(optimizer, gradients, variables) -> None:
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
