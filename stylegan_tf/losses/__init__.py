"""Losses by name. Users add theirs with `register`.

Example:
    @sg.losses.register("squared_hinge")
    class SquaredHinge:
        def generator(self, real_logits, fake_logits):
            return -fake_logits

        def discriminator(self, real_logits, fake_logits):
            real, fake = tf.nn.relu(1 - real_logits), tf.nn.relu(1 + fake_logits)
            return tf.square(real) + tf.square(fake)
"""

from stylegan_tf.losses import built_in  # noqa: F401  registers them
from stylegan_tf.losses.loss import LOSSES, Loss

__all__ = ["Loss", "get", "names", "register"]

register = LOSSES.register
get = LOSSES.get


def names() -> list[str]:
    """Returns the names of all losses."""
    return list(LOSSES)
