"""The penalties that come along."""

from __future__ import annotations

import math
from typing import Any

from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.penalties.critic import Critic
from stylegan_tf.penalties.fakes import Fakes
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
        return tf.square(_length(squared) - self.target) / self.target**2


@PENALTIES.register("drift")
class Drift:
    """D(x)²: keeps the logits of real images near 0 (Karras et al. 2017, appendix A)."""

    statistic = None  # `real_logit` tells of it

    def __call__(self, critic: Critic, real: tf.Tensor, fake: tf.Tensor, rng: Any) -> tf.Tensor:
        """Returns the penalty of each image, [N]."""
        return tf.square(critic.logits(real))


@PENALTIES.register("path_length")
class PathLength:
    """(|Jᵀy| - a)² of the generator (Karras et al. 2020, "Analyzing and Improving", section 3.2).

    J is the Jacobian of the images by w, y a random image, and a the moving average of |Jᵀy|: a
    step of fixed size in w is to change the image by a fixed amount.

    Args:
        decay: float in (0, 1], how fast the average a moves.
        shrink: int ≥ 1; it is computed of 1 / shrink of the minibatch, since it takes much memory.
    """

    network = "generator"
    interval = 4
    statistic = "path_length_penalty"
    statistics = ("path_length",)

    def __init__(self, decay: float = 0.01, shrink: int = 2):
        if not 0 < decay <= 1:
            raise ValueError(f"decay is {decay}; it must be above 0 and at most 1")
        if not isinstance(shrink, int) or shrink < 1:
            raise ValueError(f"shrink is {shrink}; it must be 1, 2, …")
        self.decay = decay
        self.shrink = shrink
        self.state: dict[str, tf.Variable] = {}

    def build(self) -> None:
        """Makes the average a, 0 at first."""
        self.state = {"mean": tf.Variable(0.0, trainable=False, name="path_length_mean")}

    def __call__(self, fakes: Fakes, rng: Any) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Returns the penalty and |Jᵀy| of each image, [N // shrink]."""

        def direction(images: tf.Tensor) -> tf.Tensor:
            return rng.normal(images.shape) / math.sqrt(images.shape[1] * images.shape[2])

        count = max(fakes.batch // self.shrink, 1)
        gradient = fakes.gradient_by_w(count, direction)
        lengths = _length(tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=2), axis=1))
        # As published, the penalty is differentiated through the average, too.
        return tf.square(lengths - self._next(tf.reduce_mean(lengths))), {"path_length": lengths}

    def update(self, means: dict[str, tf.Tensor]) -> None:
        """Moves the average a to the lengths of a step."""
        self.state["mean"].assign(self._next(means["path_length"]))

    def _next(self, length: tf.Tensor) -> tf.Tensor:
        mean = tf.convert_to_tensor(self.state["mean"])
        return mean + self.decay * (length - mean)


def _length(squared: tf.Tensor) -> tf.Tensor:
    """Returns √x: its gradient at 0 is infinite, and one image without any must not end the run."""
    return tf.sqrt(tf.maximum(squared, tf.constant(1e-30, squared.dtype)))
