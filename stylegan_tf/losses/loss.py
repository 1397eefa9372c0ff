"""What a loss is, and the registry of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from stylegan_tf.registry import Registry

if TYPE_CHECKING:
    import tensorflow as tf


class Loss(Protocol):
    """What the two networks minimize, as a function of the discriminator's logits.

    Image i of the reals and image i of the fakes are a pair. Both methods take logits [N] and
    return [N]; training takes the mean over the global batch and adds the penalties to the
    discriminator's.
    """

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns the generator's loss of each pair, [N]."""

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns the discriminator's loss of each pair, [N]."""


LOSSES: Registry[type[Loss]] = Registry("loss")
