"""The losses that come along. All take logits [N] or [N, 1] and return [N]."""

from __future__ import annotations

from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.losses.loss import LOSSES


@LOSSES.register("non_saturating")
class NonSaturating:
    """The logistic loss; G maximizes log D of its images (Goodfellow et al. 2014, section 3)."""

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns softplus(-D(fake))."""
        return tf.nn.softplus(-_flat(fake_logits))

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns softplus(D(fake)) + softplus(-D(real))."""
        return tf.nn.softplus(_flat(fake_logits)) + tf.nn.softplus(-_flat(real_logits))


@LOSSES.register("wasserstein")
class Wasserstein:
    """The distance that a Lipschitz continuous critic measures (Arjovsky et al. 2017)."""

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns -D(fake)."""
        return -_flat(fake_logits)

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns D(fake) - D(real)."""
        return _flat(fake_logits) - _flat(real_logits)


@LOSSES.register("hinge")
class Hinge:
    """Only logits within the margins ±1 move the discriminator (Lim and Ye 2017)."""

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns -D(fake)."""
        return -_flat(fake_logits)

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns max(0, 1 + D(fake)) + max(0, 1 - D(real))."""
        return tf.nn.relu(1 + _flat(fake_logits)) + tf.nn.relu(1 - _flat(real_logits))


@LOSSES.register("least_squares")
class LeastSquares:
    """Squared distance from the targets 1 of reals and 0 of fakes (Mao et al. 2017, equation 9)."""

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns (D(fake) - 1)² / 2."""
        return 0.5 * tf.square(_flat(fake_logits) - 1)

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns (D(real) - 1)² / 2 + D(fake)² / 2."""
        return 0.5 * (tf.square(_flat(real_logits) - 1) + tf.square(_flat(fake_logits)))


@LOSSES.register("relativistic")
class Relativistic:
    """Compares each fake with the real that it is paired with.

    The relativistic pairing loss of Jolicoeur-Martineau (2018), as Huang et al. (2025) use it with
    the penalties R1 and R2.
    """

    def generator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns softplus(-(D(fake) - D(real)))."""
        return tf.nn.softplus(_flat(real_logits) - _flat(fake_logits))

    def discriminator(self, real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
        """Returns softplus(D(fake) - D(real))."""
        return tf.nn.softplus(_flat(fake_logits) - _flat(real_logits))


def _flat(logits: tf.Tensor) -> tf.Tensor:
    """[N] or [N, 1] → [N]."""
    logits = tf.convert_to_tensor(logits)
    return tf.squeeze(logits, axis=1) if logits.shape.rank == 2 else logits
