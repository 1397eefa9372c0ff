"""What a penalty is, and the registry of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from stylegan_tf.penalties.critic import Critic
from stylegan_tf.registry import Registry

if TYPE_CHECKING:
    import tensorflow as tf


class Penalty(Protocol):
    """A term that is added to the discriminator's loss, times a weight of the configuration.

    Attributes:
        interval: int, 1 if it is missing. Above 1 the penalty is lazy: it is computed in one of so
            many steps and multiplied by `interval` there (Karras et al. 2020, appendix B). The
            setting `loss.penalty_options.NAME.interval` replaces it, for every penalty.
        statistic: str, its name in `stats.jsonl`, that of its registration if it is missing. None:
            it is not logged.
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


PENALTIES: Registry[type[Penalty]] = Registry("penalty")
