"""Everything that a checkpoint holds: the networks, their average, the optimizers, the counters."""

import contextlib
import dataclasses
from collections.abc import Collection
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.augment import Augmentation
from stylegan_tf.models import make_discriminator, make_generator
from stylegan_tf.models.finite import is_finite
from stylegan_tf.training import optimizers
from stylegan_tf.training.config import Config, OptimizerConfig
from stylegan_tf.training.objective import Objective, make_augmentation
from stylegan_tf.training.optimizers import LossScale
from stylegan_tf.training.settings import about


class Networks:
    """The state of a run.

    Make it in the scope of the strategy.

    Args:
        config: the run's configuration, with its resolution filled in.
        channels: int, of the images.
        label_size: int, of the labels that condition the networks; 0 for none.
        statistics: names of what a step reports.

    Attributes:
        generator, discriminator: they learn.
        generator_ema: the exponential moving average of the generator.
        augment: what changes images in front of the discriminator; saved as `Augmentation`
            says.
        objective: the loss and the penalties; what penalties remember is saved.
        loss_scales: `LossScale` by network, "d" and "g", in mixed_float16; {} in all others.
        images: int64 variable, real images shown so far.
        last_schedule_images: int64 variable, `images` when the schedule was last asked.
        tick, tick_start: int64 variables, ticks done, and `images` when this one began.
        sums: float64 variables by name: the statistics of each call of the training step in this
            tick, added up, and the number of calls.
    """

    def __init__(self, config: Config, channels: int, label_size: int, statistics: list[str]):
        arguments: dict[str, Any] = dict(vars(config.generator))
        arguments.pop("mixing_probability")
        sizes: dict[str, Any] = {
            "resolution": config.data.resolution,
            "channels": channels,
            "label_size": label_size,
        }
        with precision_policy(config.precision):
            self.generator = make_generator(**sizes, **arguments)
            own = config.discriminator.architecture or config.generator.architecture
            self.discriminator = make_discriminator(
                **sizes, **{**vars(config.discriminator), "architecture": own}
            )
        if frozen := config.optimizer.freeze_d:
            with about("optimizer.freeze_d"):
                self.discriminator.freeze(frozen, config.schedule.start_resolution)
        self.generator_ema = make_generator(**sizes, **arguments)  # float32: it makes the images
        self.generator_ema.set_weights(self.generator.get_weights())
        self.objective = Objective(config.loss)
        self.objective.build()
        self.generator_optimizer = optimizers.make(*self._generator_optimizer(config))
        self.discriminator_optimizer = optimizers.make(*self._discriminator_optimizer(config))
        is_float16 = config.precision == "mixed_float16"
        self.augment = make_augmentation(config.augment)
        self.loss_scales = {name: LossScale() for name in "dg"} if is_float16 else {}
        self.images = _counter("images")
        self.last_schedule_images = _counter("last_schedule_images")
        self.tick = _counter("tick")
        self.tick_start = _counter("tick_start")
        self.sums = {name: _counter(name, np.float64) for name in ("calls", *statistics)}

    def parts(self, without: Collection[str] = ()) -> dict[str, Any]:
        """Returns all of it by the keys in a checkpoint, which older ones have, too.

        Args:
            without: keys that are left out.
        """
        parts = {
            **_state(self.augment),
            **({"penalties": self.objective.state} if self.objective.state else {}),
            "generator": self.generator,
            "discriminator": self.discriminator,
            "average": self.generator_ema,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
            "loss_scales": self.loss_scales,
            "images": self.images,
            "last_look": self.last_schedule_images,
            "tick": self.tick,
            "tick_start": self.tick_start,
            "sums": self.sums,
        }
        return {key: part for key, part in parts.items() if key not in without}

    def checkpoint(self) -> tf.train.Checkpoint:
        """Returns all of it as TensorFlow writes it."""
        return tf.train.Checkpoint(**self.parts())

    @property
    def are_finite(self) -> bool:
        """Whether no weight is infinite or not a number."""
        return all(map(is_finite, (self.generator, self.discriminator, self.generator_ema)))

    @property
    def kimg(self) -> float:
        """Real images shown so far, in thousands."""
        return int(self.images.numpy()) / 1000

    @property
    def is_at_tick_start(self) -> bool:
        """Whether no step of the current tick has been taken."""
        return int(self.images.numpy()) == int(self.tick_start.numpy())

    def count(self, images: int, stats: dict[str, float]) -> None:
        """Adds the images and the statistics of one call of the training step."""
        self.images.assign_add(images)
        self.sums["calls"].assign_add(1)
        for name, value in stats.items():
            self.sums[name].assign_add(value)

    def begin_tick(self) -> None:
        """Ends the tick: the next one's statistics start at 0."""
        for variable in self.sums.values():
            variable.assign(0)
        self.tick.assign_add(1)
        self.tick_start.assign(self.images)

    def set_learning_rate(self, rate: float) -> None:
        """Sets that of both optimizers, corrected for the steps of lazy penalties."""
        self.generator_optimizer.learning_rate.assign(rate * self.objective.correction("g"))
        self.discriminator_optimizer.learning_rate.assign(rate * self.objective.correction("d"))

    def reset_optimizers(self, config: Config) -> None:
        """Resets the moments of both optimizers, as where a fade starts or ends."""
        optimizers.reset(self.generator_optimizer, *self._generator_optimizer(config))
        optimizers.reset(self.discriminator_optimizer, *self._discriminator_optimizer(config))

    def _generator_optimizer(self, config: Config):
        constants = corrected(config.optimizer, self.objective.correction("g"))
        return config.optimizer.generator, constants, self.generator.trainable_variables

    def _discriminator_optimizer(self, config: Config):
        constants = corrected(config.optimizer, self.objective.correction("d"))
        return config.optimizer.discriminator, constants, self.discriminator.trainable_variables


def corrected(config: OptimizerConfig, power: float) -> OptimizerConfig:
    """Returns Adam's constants for more steps in the same time, see `Objective.correction`."""
    return dataclasses.replace(config, beta_1=config.beta_1**power, beta_2=config.beta_2**power)


@contextlib.contextmanager
def precision_policy(name: str):
    """Sets the Keras policy that new layers take, then the one before again."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def _state(augmentation: Augmentation) -> dict[str, Any]:
    """What is saved of an augmentation."""
    if isinstance(augmentation, tf.Module):
        return {"augment": augmentation}
    state = getattr(augmentation, "state", None)
    return {"augment": state} if state else {}


def _counter(name: str, dtype=np.int64) -> tf.Variable:
    return tf.Variable(dtype(0), trainable=False, name=name)
