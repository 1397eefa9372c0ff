"""What the networks minimize: a loss and weighted penalties, of images that are augmented."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any, TypeAlias

from stylegan_tf import augment, losses, penalties
from stylegan_tf.augment import Augmentation
from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.losses import Loss
from stylegan_tf.penalties import Critic, GeneratorPenalty, Penalty
from stylegan_tf.training.config import AugmentConfig, LossConfig
from stylegan_tf.training.settings import SettingError

AnyPenalty: TypeAlias = Penalty | GeneratorPenalty


def statistics(config: LossConfig) -> list[str]:
    """Returns the names of the scalars that a D step and a G step yield."""
    terms = [name for penalty in _in_order(config.penalties) for name in _statistics(penalty)]
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


def make_penalties(config: LossConfig) -> dict[str, AnyPenalty]:
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


def interval_of(penalty: AnyPenalty) -> int:
    """Returns how many steps there are from one with a penalty to the next."""
    return getattr(penalty, "interval", 1)


def network_of(penalty: AnyPenalty) -> str:
    """Returns whose loss a penalty is added to, "d" or "g"."""
    return "g" if getattr(penalty, "network", "discriminator") == "generator" else "d"


def _make_penalty(name: str, options: dict[str, object]) -> AnyPenalty:
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
        arguments = "fakes, rng" if network_of(penalty) == "g" else "critic, real, fake, rng"
        raise ValueError(f"penalty {name!r} has no method __call__({arguments})")
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


def _statistics(name: str) -> list[str]:
    """The names that a penalty has in the log: of the term itself, then of what else it reports."""
    penalty = penalties.get(name)
    term = getattr(penalty, "statistic", name)
    return [*([term] if term else []), *getattr(penalty, "statistics", ())]


class Objective:
    """The loss and the penalties of a configuration.

    Args:
        config: the part of a run's configuration about them.

    Attributes:
        statistics: names of the scalars that a D step and a G step yield.
        penalties: what is added to the losses.
    """

    def __init__(self, config: LossConfig):
        self.name = config.name
        self.statistics = statistics(config)
        self.loss = make_loss(config.name)
        self.penalties = [
            WeightedPenalty(name, config.penalties[name], penalty)
            for name, penalty in make_penalties(config).items()
        ]

    def build(self) -> None:
        """Makes the variables of penalties that remember something, in the scope of a strategy."""
        for one in self.penalties:
            if hasattr(one.penalty, "build"):
                one.penalty.build()

    @property
    def state(self) -> dict[str, dict[str, tf.Variable]]:
        """Those variables by name, for each penalty that has any."""
        states = {one.name: getattr(one.penalty, "state", {}) for one in self.penalties}
        return {name: state for name, state in states.items() if state}

    def due(self, network: str, interval: int = 1) -> list[WeightedPenalty]:
        """Returns the penalties of a network, "d" or "g", that come every so many steps."""
        return [one for one in self.penalties if (one.network, one.interval) == (network, interval)]

    def lazy_intervals(self, network: str) -> list[int]:
        """Returns the intervals above 1 of a network's penalties, each once, ascending."""
        return sorted({one.interval for one in self.penalties if one.network == network} - {1})

    def correction(self, network: str) -> float:
        """Returns what lazy penalties make of the learning rate and the betas of a network.

        With lazy penalties every k steps the optimizer takes 1 + 1/k steps instead of one: the rate
        is multiplied by k / (k + 1), and each beta is taken to that power (Karras et al. 2020,
        appendix B).
        """
        return 1 / (1 + sum(1 / interval for interval in self.lazy_intervals(network)))

    def generator_loss(self, critic: Critic, real, fake):
        """Returns the generator's loss of each pair of images without penalties, [N]."""
        loss = self.loss.generator(critic.logits(real), critic.logits(fake))
        return _checked(loss, real.shape[0], f"loss {self.name!r}: generator()")

    def discriminator_loss(self, critic: Critic, real, fake):
        """Returns the discriminator's loss of each pair of images without penalties, [N]."""
        loss = self.loss.discriminator(critic.logits(real), critic.logits(fake))
        return _checked(loss, real.shape[0], f"loss {self.name!r}: discriminator()")

    def discriminator_terms(self, critic: Critic, real, fake, rng) -> dict[str, tf.Tensor]:
        """Returns the discriminator's loss, with penalties of every step, and what it is made of.

        Args:
            critic: a `Critic` that remembers nothing yet.
            real: real images, [N, r, r, C].
            fake: generated images, the same shape.
            rng: `RandomStream` of the penalties.

        Returns:
            `loss_d`, `real_logit`, `fake_logit` and penalties times their weights by the names
            that they have in the log, [N] each.
        """
        # Penalties come first: the loss takes the logits that they have computed.
        total, terms = penalize(self.due("d"), critic, real, fake, rng)
        real_logits, fake_logits = critic.logits(real), critic.logits(fake)
        loss = self.discriminator_loss(critic, real, fake)
        return {
            **terms,
            "loss_d": loss + total,
            "real_logit": real_logits,
            "fake_logit": fake_logits,
        }


@dataclass(frozen=True)
class WeightedPenalty:
    """A penalty, its name and its weight."""

    name: str
    weight: float
    penalty: Any

    @property
    def network(self) -> str:
        """Whose loss it is added to, "d" or "g"."""
        return network_of(self.penalty)

    @property
    def interval(self) -> int:
        """How many steps there are from one with it to the next."""
        return interval_of(self.penalty)

    @property
    def statistics(self) -> list[str]:
        """The names that it has in the log."""
        return _statistics(self.name)

    def terms(self, *arguments) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the penalty times its weight, [n], and by name what is logged of it.

        Args:
            *arguments: critic, real, fake, rng for one of the discriminator; fakes, rng for one of
                the generator.
        """
        result, more = self.penalty(*arguments), {}
        if getattr(self.penalty, "statistics", ()):
            result, more = result
        count = None if self.network == "g" else arguments[1].shape[0]
        value = self.weight * _checked(result, count, f"penalty {self.name!r}")
        own = [name for name in self.statistics if name not in more]
        return value, {**more, **dict.fromkeys(own, value)}


def penalize(due: list[WeightedPenalty], *arguments) -> tuple[Any, dict[str, tf.Tensor]]:
    """Returns the sum of penalties times their weights, and by name what is logged of them.

    Args:
        due: the penalties, of one network.
        *arguments: as in `WeightedPenalty.terms`.
    """
    total: Any = 0.0
    terms: dict[str, tf.Tensor] = {}
    for one in due:
        value, more = one.terms(*arguments)
        total += value
        terms |= more
    return total, terms


def _checked(value, count: int | None, what: str):
    """A value for each image as a tensor.

    Raises:
        ValueError: if it has another shape than [count], where None is any.
    """
    value = tf.convert_to_tensor(value)
    if not value.shape.is_compatible_with([count]):
        expected = "[n]" if count is None else f"({count},)"
        raise ValueError(
            f"{what} gave shape {tuple(value.shape)}; it must give one number an image, {expected}"
        )
    return value
