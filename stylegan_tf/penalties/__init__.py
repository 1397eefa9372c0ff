"""Penalties of the networks by name. Users add theirs with `register`.

Example:
    @sg.penalties.register("logit_norm")
    class LogitNorm:
        def __call__(self, critic, real, fake, rng):
            return tf.abs(critic.logits(real)) + tf.abs(critic.logits(fake))
"""

from stylegan_tf.penalties import built_in  # noqa: F401  registers them
from stylegan_tf.penalties.critic import Critic
from stylegan_tf.penalties.fakes import Fakes
from stylegan_tf.penalties.penalty import PENALTIES, GeneratorPenalty, Penalty

__all__ = ["Critic", "Fakes", "GeneratorPenalty", "Penalty", "get", "names", "register"]

register = PENALTIES.register
get = PENALTIES.get


def names() -> list[str]:
    """Returns the names of all penalties, in the order in which training adds them up."""
    return list(PENALTIES)
