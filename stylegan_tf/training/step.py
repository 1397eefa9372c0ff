"""The compiled training step: gradients on every replica, updates where they are finite."""

from collections.abc import Callable
from functools import partial
from typing import cast

import tensorflow as tf

from stylegan_tf.augment.augmentation import AdaptiveAugmentation, adapt
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.models import Generator
from stylegan_tf.ops.xla import stay_outside
from stylegan_tf.training import compilation, random_inputs
from stylegan_tf.training.config import Config
from stylegan_tf.training.gan import BATCH, GAN, REAL_PASSES, REAL_SIGN, UNLOGGED, Gradients
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.optimizers import LossScale


class TrainStep:
    """Runs D and G steps in turn on a `tf.distribute` strategy, one compiled graph a resolution.

    Args:
        strategy: `tf.distribute.Strategy` in whose scope everything else was made.
        gan: `GAN`.
        generator_ema: `Generator`, the exponential moving average (EMA) of the one that learns.
        generator_optimizer, discriminator_optimizer: built Keras optimizers.
        w_avg_beta: float, how much of w_avg, and of other moving averages, stays in each step.
        minibatch_repeats: int, how many D steps and G steps a call takes.
        loss_scales: `LossScale` by network, "d" and "g", or None: losses are not scaled.
        generator_first: bool, whether a pair begins with the G step, as StyleGAN2's does.
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
        generator_first: bool = False,
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
        self.generator_first = generator_first
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
            GAN(
                networks.generator,
                networks.discriminator,
                config,
                networks.augment,
                networks.objective,
            ),
            networks.generator_ema,
            networks.generator_optimizer,
            networks.discriminator_optimizer,
            config.schedule.w_avg_beta,
            config.schedule.minibatch_repeats,
            networks.loss_scales,
            config.schedule.generator_first,
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
            sign = means.pop(REAL_SIGN) / means.pop(REAL_PASSES)
            images = int(means.pop(BATCH)) * self.minibatch_repeats
            adapt(augmentation, sign, images, self.minibatch_repeats)
        return means

    def _take_pairs(self, resolution: int, iterator, images_shown, fade, ema_beta):
        """What a call computes."""
        stay_outside()
        names = list(self.gan.objective.statistics)
        names += UNLOGGED if self.gan.is_adaptive else ()
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
        size = self._batch_size(batch)
        step = images_shown // size + index
        stats = self.pair(resolution, batch, images_shown + index, fade, ema_beta, step)
        stats[BATCH] = tf.constant(size, tf.float32)
        return index + 1, {name: value + stats[name] for name, value in total.items()}

    def _batch_size(self, batch) -> int:
        """Images of a step over all replicas; they have equal shares."""
        images = batch[0] if isinstance(batch, tuple) else batch
        first = self.strategy.experimental_local_results(images)[0]
        return first.shape[0] * self.strategy.num_replicas_in_sync

    def pair(self, resolution: int, batch, number, fade, ema_beta, step=0) -> dict[str, tf.Tensor]:
        """Takes one D step and one G step, the lazy penalties that are due, and the EMA update.

        In cross-replica context.

        Args:
            resolution: int.
            batch: images, uint8 [N, r, r, C], or (images, labels), of all replicas.
            number: int64 scalar, which random numbers to take: another one for each pair.
            fade: scalar tensor, as in a call.
            ema_beta: scalar tensor, as in a call.
            step: int64 scalar, D steps before this one, for lazy penalties.
        """
        images, labels = batch if isinstance(batch, tuple) else (batch, None)
        arguments = (resolution, images, labels, number, fade)
        stats = {}
        for network in ("g", "d") if self.generator_first else ("d", "g"):
            stats[network] = self._turn(network, step, arguments)
            if network == "d":
                self._update_generator_ema(resolution, ema_beta)
        d, g = stats["d"], stats["g"]
        return {**d, **g, "skipped": d["skipped"] + g["skipped"]}

    def _turn(self, network: str, step, arguments) -> dict[str, tf.Tensor]:
        """Takes a network's step, and a step of its own for its lazy penalties that are due."""
        stats = self._take(network, 1, self._main_step(network), arguments)
        for place, interval in enumerate(self.gan.objective.lazy_intervals(network)):
            more = self._take_if_due(network, interval, place, step, arguments)
            stats |= {name: stats.get(name, 0.0) + value for name, value in more.items()}
        return stats

    def _take_if_due(self, network: str, interval: int, place: int, step, arguments):
        """Takes the step of lazy penalties if it is due; what they report is 0 otherwise.

        It is multiplied by the interval, so that its mean over many steps is right.
        """
        due = self.gan.objective.due(network, interval)
        reported = [f"loss_{network}", *(name for one in due for name in one.statistics)]
        counted = ["skipped"]
        counted += [REAL_SIGN, REAL_PASSES] if network == "d" and self.gan.is_adaptive else []
        factors = {**dict.fromkeys(reported, interval), **dict.fromkeys(counted, 1)}
        compute = self._lazy_step(network, interval, place)
        # The branch is taken outside the replicas, as in `_apply`.
        return tf.cond(
            tf.equal(tf.cast(step, tf.int64) % interval, 0),
            partial(self._take_lazy, network, interval, compute, arguments, factors),
            partial(_zeros, factors),
        )

    def _take_lazy(self, network: str, interval: int, compute, arguments, factors: dict[str, int]):
        """Takes the step of lazy penalties; returns what is reported, each times its factor."""
        stats = self._take(network, interval, compute, arguments)
        return {name: factor * stats[name] for name, factor in factors.items()}

    def _take(self, network: str, interval: int, compute, arguments) -> dict[str, tf.Tensor]:
        """Computes gradients on every replica, and applies them.

        Args:
            network: "d" or "g".
            interval: of the penalties that are in them.
            compute: what computes them, of a replica's `arguments`.
            arguments: those of `_compute`, from the resolution on.
        """
        gradients = self.strategy.run(compute, args=arguments)
        if network == "g" or interval == 1:  # lazy penalties of D leave them, as published
            self._update_moving_averages(gradients.means)
        stats = self._apply(network, gradients, resolution=arguments[0])
        self._tell(self.gan.objective.due(network, interval), stats)
        return stats

    def _tell(self, due, stats) -> None:
        """Lets penalties that remember something take note of a step that was not left out."""
        for one in due:
            if hasattr(one.penalty, "update"):
                means = {name: stats[name] for name in one.statistics}
                tf.cond(stats["skipped"] > 0, lambda: 0.0, partial(_update, one.penalty, means))

    def _main_step(self, network: str) -> Callable[..., Gradients]:
        """Returns what computes the gradients of a network's step on a replica."""
        gan = self.gan
        if network == "d":
            return partial(
                self._compute, network, random_inputs.D_STEP, gan.discriminator_gradients
            )
        return partial(self._compute, network, random_inputs.G_STEP, gan.generator_gradients)

    def _lazy_step(self, network: str, interval: int, place: int) -> Callable[..., Gradients]:
        """Returns what computes the gradients of a network's lazy penalties on a replica."""
        function = partial(self.gan.lazy_gradients, network, interval)
        return partial(self._compute, network, random_inputs.lazy_step(network, place), function)

    def _compute(
        self, network: str, turn: int, function, resolution: int, images, labels, number, fade
    ) -> Gradients:
        """Computes gradients of a network on a replica.

        Args:
            network: "d" or "g".
            turn: which random numbers of the pair to take.
            function: of the `GAN`.
            resolution: int.
            images: uint8 [N, r, r, C], of this replica.
            labels: theirs, or None.
            number: as in `pair`.
            fade: as in `pair`.
        """
        reals = self.gan.reals(images, fade)
        inputs = self.gan.sample_inputs(number, turn, images.shape[0], resolution)
        scales = (self._scale(), self._loss_scale(network))
        arguments = (inputs, reals, labels, fade, resolution, *scales)
        if not self.xla:
            return function(*arguments)
        return compilation.call(function, *arguments, autograph=not self.gan.is_built_in)

    def _scale(self) -> float:
        # The optimizer sums gradients over replicas; the loss is a mean over the global batch.
        return 1 / self.strategy.num_replicas_in_sync

    def _loss_scale(self, network: str):
        """The loss scale of a network, as this replica has it, or None."""
        scale = self.loss_scales.get(network)
        return scale and tf.convert_to_tensor(scale.value)

    def _apply(self, network: str, gradients, resolution: int) -> dict[str, tf.Tensor]:
        """Updates a network, unless a gradient is not finite on some replica: then nothing."""
        gan = self.gan
        model, optimizer = {
            "d": (gan.discriminator, self.discriminator_optimizer),
            "g": (gan.generator, self.generator_optimizer),
        }[network]
        variables = model.trainable_at(resolution)
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

    def _update_moving_averages(self, means) -> None:
        """Moves averages to means: β · average + (1 - β) · mean (of w: paper, appendix B).

        A step of lazy penalties has the mean of w alone, the first.
        """
        for variable, mean in zip(self.gan.generator.moving_averages, means, strict=False):
            mean = self.strategy.reduce("MEAN", mean, axis=None)
            average = tf_variable(variable)
            mean = tf.where(tf.math.is_finite(mean), mean, average)  # a bad one would stay forever
            average.assign(mean + (average - mean) * self.w_avg_beta)

    def _update_generator_ema(self, resolution: int, beta) -> None:
        """Moves the averaged generator; blocks that have not come yet stay.

        What is an average itself, such as w_avg, is copied.
        """
        source = self.gan.generator.grown_at(resolution)
        target = self.generator_ema.grown_at(resolution)
        for new, old in zip(source, target, strict=True):
            self._assign(old, new, beta)
        averages = self.generator_ema.moving_averages, self.gan.generator.moving_averages
        for old, new in zip(*averages, strict=True):
            self._assign(old, new, 0.0)

    def _assign(self, old, new, beta) -> None:
        """`old ← new + β · (old - new)` on every replica from its own copies."""

        def assign(variable, value):
            variable.assign(value + (variable - value) * beta)

        old, new = tf_variable(old), tf_variable(new)
        self.strategy.extended.update(old, assign, args=(new,))


def _zeros(names) -> dict[str, tf.Tensor]:
    return {name: tf.zeros([]) for name in names}


def _update(penalty, means) -> float:
    penalty.update(means)
    return 0.0


def _apply_gradients(optimizer, gradients, variables) -> None:
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
