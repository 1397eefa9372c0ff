"""What a penalty is, and the registry of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from stylegan_tf.penalties.critic import Critic
from stylegan_tf.penalties.fakes import Fakes
from stylegan_tf.registry import Registry

if TYPE_CHECKING:
    import tensorflow as tf


class Penalty(Protocol):
    """A term that is added to the discriminator's loss, times a weight of the configuration.

    Attributes:
        interval: int, 1 if it is missing. Above 1 the penalty is lazy: it has an optimizer step of
            its own after one in so many steps, with fresh fakes, and is multiplied by `interval`
            there; learning rate and betas of the network are corrected for the steps that are
            added (Karras et al. 2020, appendix B). The setting
            `loss.penalty_options.NAME.interval` replaces it, for every penalty.
        statistic: str, its name in `stats.jsonl`, that of its registration if it is missing. None:
            it is not logged.
        network: "discriminator" if it is missing; "generator" for a `GeneratorPenalty`.
    """

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, without its weight.

        Args:
            critic: `stylegan_tf.penalties.Critic`, the discriminator.
            real: real images, [N, r, r, C], float32, not augmented.
            fake: generated images, the same shape.
            rng: random numbers of this step; `rng.uniform(shape)` and `rng.normal(shape)` give
                fresh ones at each call.

        Returns:
            [N].
        """


class GeneratorPenalty(Protocol):
    """A term that is added to the generator's loss, times a weight of the configuration.

    It has `network = "generator"`, and otherwise the attributes of a `Penalty`. One that reports
    more than itself has `statistics`, a tuple of names in the log, and returns these numbers, too.
    One that remembers something has `build()`, called once in the scope of the strategy, which
    makes the variables of `state`, a dict by name; checkpoints hold them. Its `update(means)` is
    called with the means of its statistics over all replicas, after each of its steps whose
    gradients were finite.
    """

    def __call__(
        self, fakes: Fakes, rng: Any
    ) -> tf.Tensor | tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the penalty of some images, without its weight.

        Args:
            fakes: `stylegan_tf.penalties.Fakes`, the generator.
            rng: random numbers of this step, as for a `Penalty`.

        Returns:
            [n], for any n up to the batch; with `statistics` also numbers [n] by these names.
        """


PENALTIES: Registry[type[Penalty] | type[GeneratorPenalty]] = Registry("penalty")
