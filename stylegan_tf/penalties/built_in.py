"""The penalties that come along."""

from __future__ import annotations

from typing import Any

from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.penalties.critic import Critic
from stylegan_tf.penalties.penalty import PENALTIES


@PENALTIES.register("r1")
class R1:
    """‖∇D‖² / 2 at real images (Mescheder et al. 2018, equation 9); its weight is γ."""

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, [N]."""
        return critic.squared_gradient(real) / 2


@PENALTIES.register("r2")
class R2:
    """‖∇D‖² / 2 at generated images (Mescheder et al. 2018, equation 10); its weight is γ."""

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, [N]."""
        return critic.squared_gradient(fake) / 2


@PENALTIES.register("gradient_penalty")
class GradientPenalty:
    """(‖∇D‖ - target)² / target² between real and generated images (Gulrajani et al. 2017).

    Args:
        target: float above 0, the length that the gradient is to have.
    """

    statistic = "gp"

    def __init__(self, target: float = 1.0):
        if not target > 0:
            raise ValueError(f"target is {target}; it must be above 0")
        self.target = target

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, [N]."""
        alpha = rng.uniform([real.shape[0], 1, 1, 1])
        squared = critic.squared_gradient(real + (fake - real) * alpha)
        # The gradient of √x at 0 is infinite; an image without any gradient must not end the run.
        length = tf.sqrt(tf.maximum(squared, tf.constant(1e-30, squared.dtype)))
        return tf.square(length - self.target) / self.target**2


@PENALTIES.register("drift")
class Drift:
    """D(x)²: keeps the logits of real images near 0 (Karras et al. 2017, appendix A)."""

    statistic = None  # `real_logit` tells of it

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, [N]."""
        return tf.square(critic.logits(real))
