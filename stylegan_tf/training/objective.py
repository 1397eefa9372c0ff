"""What the networks minimize: a loss and weighted penalties, of images that are augmented."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stylegan_tf import augment, losses, penalties
from stylegan_tf.augment import Augmentation
from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.losses import Loss
from stylegan_tf.penalties import Critic, Penalty
from stylegan_tf.training.config import AugmentConfig, LossConfig
from stylegan_tf.training.settings import SettingError


def statistics(config: LossConfig) -> list[str]:
    """Returns the names of the scalars that a D step and a G step yield."""
    terms = [name for name in map(_statistic, _in_order(config.penalties)) if name]
    return ["loss_g", "loss_d", "real_logit", "fake_logit", *terms, "skipped"]


def make_loss(name: str) -> Loss:
    """Returns a new loss.

    Raises:
        ValueError: if what is registered is no loss.
    """
    try:
        loss = losses.get(name)()
    except TypeError as error:
        raise ValueError(
            f"loss {name!r}: {error}; it must be a class that takes no arguments"
        ) from error
    for method in ("generator", "discriminator"):
        if not callable(getattr(loss, method, None)):
            raise ValueError(f"loss {name!r} has no method {method}(real_logits, fake_logits)")
    return loss


def is_built_in(part: object) -> bool:
    """Returns whether a loss, a penalty or an augmentation comes with the package."""
    return type(part).__module__.startswith("stylegan_tf.")


def make_penalties(config: LossConfig) -> dict[str, Penalty]:
    """Returns the penalties in effect by name, in the order in which they are added up.

    Raises:
        ValueError: if one does not take its options, or there are options of none of them.
    """
    for name in config.penalty_options:
        if name not in config.penalties:
            known = ", ".join(config.penalties) or "none"
            raise ValueError(
                f"loss.penalty_options is given for {name}, but the penalties in effect are {known}"
            )
    return {
        name: _make_penalty(name, config.penalty_options.get(name, {}))
        for name in _in_order(config.penalties)
    }


def interval_of(penalty: Penalty) -> int:
    """Returns how many steps there are from one with a penalty to the next."""
    return getattr(penalty, "interval", 1)


def _make_penalty(name: str, options: dict[str, object]) -> Penalty:
    """Returns a penalty; the option `interval`, which all have, makes it lazy."""
    own = {key: value for key, value in options.items() if key != "interval"}
    try:
        penalty: Any = penalties.get(name)(**own)
        if "interval" in options:
            penalty.interval = options["interval"]
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"loss.penalty_options.{name}: {error}") from error
    interval = interval_of(penalty)
    if not isinstance(interval, int) or interval < 1:
        raise ValueError(f"penalty {name!r}: interval is {interval!r}; it must be 1, 2, …")
    if not callable(penalty):
        raise ValueError(f"penalty {name!r} has no method __call__(critic, real, fake, rng)")
    return penalty


def check_augmentation(config: AugmentConfig) -> None:
    """Raises ValueError if the augmentation does not take its options; makes no variable."""
    kind = augment.get(config.name)
    takes = inspect.signature(kind).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in takes.values())
    for option in config.options:
        if option not in takes and not takes_any:
            known = f"it takes {', '.join(takes)}" if takes else "it takes no options"
            problem = f": the augmentation {config.name!r} does not take it; {known}"
            raise SettingError(f"augment.options.{option}", problem)
    try:
        inspect.signature(kind).bind(**config.options)
        if kind.__module__.startswith("stylegan_tf."):  # `build` makes the variables of these
            kind(**config.options)
    except (TypeError, ValueError) as error:
        for option in config.options:  # "p is 2; …" and the like
            if str(error).startswith((f"{option} ", f"{option}:")):
                problem = str(error).removeprefix(option)
                raise SettingError(f"augment.options.{option}", problem) from error
        raise ValueError(f"augment.options for {config.name}: {error}") from error


def make_augmentation(config: AugmentConfig) -> Augmentation:
    """Returns a new augmentation. One with variables is to be made in the scope of the strategy.

    Raises:
        ValueError: if it does not take its options.
    """
    check_augmentation(config)
    augmentation = augment.get(config.name)(**config.options)
    if callable(build := getattr(augmentation, "build", None)):
        build()
    return augmentation


def _in_order(weights: dict[str, float]) -> list[str]:
    """Names of penalties as they were registered, whatever the order in a configuration."""
    return [name for name in penalties.names() if name in weights]


def _statistic(name: str) -> str | None:
    """The name of a penalty in the log; None if it is not logged."""
    return getattr(penalties.get(name), "statistic", name)


class Objective:
    """The loss and the penalties of a configuration.

    Args:
        config: the part of a run's configuration about them.

    Attributes:
        statistics: names of the scalars that a D step and a G step yield.
    """

    def __init__(self, config: LossConfig):
        self.name = config.name
        self.statistics = statistics(config)
        self.loss = make_loss(config.name)
        self.penalties = [
            _Weighted(name, config.penalties[name], penalty)
            for name, penalty in make_penalties(config).items()
        ]

    def generator_loss(self, critic: Critic, real, fake):
        """Returns the generator's loss of each pair of images, [N]."""
        loss = self.loss.generator(critic.logits(real), critic.logits(fake))
        return _checked(loss, real, f"loss {self.name!r}: generator()")

    def discriminator_loss(self, critic: Critic, real, fake):
        """Returns the discriminator's loss of each pair of images without penalties, [N]."""
        loss = self.loss.discriminator(critic.logits(real), critic.logits(fake))
        return _checked(loss, real, f"loss {self.name!r}: discriminator()")

    def discriminator_terms(
        self, new_critic: Callable[[], Critic], real, fake, rng, step
    ) -> dict[str, tf.Tensor]:
        """Returns the discriminator's loss with its penalties, and what it is made of.

        Args:
            new_critic: gives a `Critic` that remembers nothing yet.
            real: real images, [N, r, r, C].
            fake: generated images, the same shape.
            rng: `RandomStream` of the penalties.
            step: int64 scalar, D steps before this one.

        Returns:
            `loss_d`, `real_logit`, `fake_logit` and penalties times their weights by the names
            that they have in the log, [N] each.
        """
        terms, total = {}, 0.0
        # Penalties come first: the loss takes the logits that they have computed.
        critic = new_critic()
        for one in self.penalties:
            value = one.value(critic, new_critic, real, fake, rng, step)
            total += value
            if statistic := _statistic(one.name):
                terms[statistic] = value
        real_logits, fake_logits = critic.logits(real), critic.logits(fake)
        loss = self.discriminator_loss(critic, real, fake)
        return {
            **terms,
            "loss_d": loss + total,
            "real_logit": real_logits,
            "fake_logit": fake_logits,
        }


@dataclass(frozen=True)
class _Weighted:
    """A penalty and its weight."""

    name: str
    weight: float
    penalty: Penalty

    def value(self, critic: Critic, new_critic, real, fake, rng, step):
        """Returns the penalty times its weight, [N]; a lazy one's is 0 in the steps between."""
        interval = interval_of(self.penalty)
        if interval == 1:
            return self.weight * self._of(critic, real, fake, rng)
        return tf.cond(
            tf.equal(tf.cast(step, tf.int64) % interval, 0),
            # What this critic computes must not leave the branch.
            lambda: self.weight * interval * self._of(new_critic(), real, fake, rng),
            lambda: tf.zeros([real.shape[0]]),
        )

    def _of(self, critic: Critic, real, fake, rng):
        value = self.penalty(critic, real, fake, rng)
        return _checked(value, real, f"penalty {self.name!r}")


def _checked(value, images, what: str):
    """A value for each image as a tensor.

    Raises:
        ValueError: if it has another shape.
    """
    value, expected = tf.convert_to_tensor(value), (images.shape[0],)
    if value.shape.rank is not None and tuple(value.shape) != expected:
        raise ValueError(
            f"{what} gave shape {tuple(value.shape)}; it must give one number an image, {expected}"
        )
    return value
