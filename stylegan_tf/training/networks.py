"""Everything that a checkpoint holds: the networks, their average, the optimizers, the counters."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.messages import first_line
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.training import optimizers
from stylegan_tf.training.augmentation import make_augmentation
from stylegan_tf.training.config import Config
from stylegan_tf.training.loss_scale import LossScale


class Networks:
    """The state of a run.

    Make it in the scope of the strategy.

    Args:
        config: the run's configuration, with its resolution filled in.
        channels: int, of the pictures.
        label_size: int, of the labels that condition the networks; 0 for none.
        statistics: names of what a step reports.

    Attributes:
        generator, discriminator: they learn.
        average: the exponential moving average of the generator.
        augment: what changes images in front of the discriminator; saved if it is a `tf.Module`.
        loss_scales: `LossScale` by network, "d" and "g", in mixed_float16; {} in all others.
        images, last_look, tick, tick_start: real images shown so far, and at the last look at the
            schedule; ticks done; images shown before this tick. int64 variables.
        sums: float64 variables by name, what is added up for this tick's line of the log: the
            statistics of each call of the training step, and the number of calls.
    """

    def __init__(self, config: Config, channels: int, label_size: int, statistics: list[str]):
        arguments = dict(vars(config.generator))
        arguments.pop("mixing_probability")
        arguments["config"] = arguments.pop("architecture")
        pictures = {
            "resolution": config.data.resolution,
            "channels": channels,
            "label_size": label_size,
        }
        with precision_policy(config.precision):
            self.generator = Generator(**pictures, **arguments)
            self.discriminator = Discriminator(
                **pictures, config=config.generator.architecture, **vars(config.discriminator)
            )
        self.average = Generator(**pictures, **arguments)  # pictures come from it in float32
        self.average.set_weights(self.generator.get_weights())
        self.generator_optimizer = optimizers.make(*self._generator_optimizer(config))
        self.discriminator_optimizer = optimizers.make(*self._discriminator_optimizer(config))
        is_float16 = config.precision == "mixed_float16"
        self.augment = make_augmentation(config.augment)
        self.loss_scales = {name: LossScale() for name in "dg"} if is_float16 else {}
        self.images = _counter("images")
        self.last_look = _counter("last_look")
        self.tick = _counter("tick")
        self.tick_start = _counter("tick_start")
        self.sums = {name: _counter(name, np.float64) for name in ("calls", *statistics)}

    def checkpoint(self) -> tf.train.Checkpoint:
        """All of it, for saving and restoring."""
        kept = dict(vars(self))
        if not isinstance(self.augment, tf.Module):  # it has no variables
            del kept["augment"]
        return tf.train.Checkpoint(**kept)

    @property
    def kimg(self) -> float:
        """Real images shown so far, in thousands."""
        return int(self.images.numpy()) / 1000

    def count(self, images: int, stats: dict[str, tf.Tensor]) -> None:
        """Takes note of one call of the training step."""
        self.images.assign_add(images)
        self.sums["calls"].assign_add(1)
        for name, value in stats.items():
            self.sums[name].assign_add(float(value))

    def begin_tick(self) -> None:
        """Starts adding up anew."""
        for variable in self.sums.values():
            variable.assign(0)
        self.tick.assign_add(1)
        self.tick_start.assign(self.images)

    def set_learning_rate(self, rate: float) -> None:
        """Of both optimizers."""
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            optimizer.learning_rate.assign(rate)

    def reset_optimizers(self, config: Config) -> None:
        """Makes the optimizers forget what they gathered, as at the borders of a fade."""
        optimizers.reset(self.generator_optimizer, *self._generator_optimizer(config))
        optimizers.reset(self.discriminator_optimizer, *self._discriminator_optimizer(config))

    def _generator_optimizer(self, config: Config):
        return config.optimizer.generator, config.optimizer, self.generator.trainable_variables

    def _discriminator_optimizer(self, config: Config):
        variables = self.discriminator.trainable_variables
        return config.optimizer.discriminator, config.optimizer, variables


@contextlib.contextmanager
def precision_policy(name: str):
    """Sets the Keras policy that new layers take, then the one before again."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(name)
    try:
        yield
    finally:
        keras.mixed_precision.set_global_policy(before)


def restore(checkpoint: tf.train.Checkpoint, path: str) -> None:
    """Reads a checkpoint into what is there; it need not have more, such as the counter of saves.

    Raises:
        ValueError: with a line that says why, if it is damaged or of other networks.
    """
    try:
        checkpoint.restore(path).expect_partial().assert_existing_objects_matched()
    except (AssertionError, ValueError, tf.errors.OpError) as error:
        raise ValueError(first_line(error)) from error


def _counter(name: str, dtype=np.int64) -> tf.Variable:
    return tf.Variable(dtype(0), trainable=False, name=name)
