"""The discriminator as losses and penalties see it in one step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stylegan_tf.lazy_tensorflow import tf


class Critic:
    """Gives the logits of images, and remembers them.

    Args:
        discriminator: function (images [N, r, r, C], labels or None) → logits [N, 1] or [N].
        real: real images, [N, r, r, C].
        fake: generated images, the same shape.
        real_labels: theirs, [N, label_size], or None. All other images have `fake_labels`.
        fake_labels: of generated images, [N, label_size], or None.
        scale: float, (r/R)². Images below the full resolution R are counted as R×R ones that
            repeat pixels, as published: the gradient by those is smaller by r/R.
        loss_scale: scalar tensor, the S by which the loss is multiplied, or None.
    """

    def __init__(
        self,
        discriminator: Callable[..., tf.Tensor],
        real: tf.Tensor,
        fake: tf.Tensor,
        real_labels: tf.Tensor | None = None,
        fake_labels: tf.Tensor | None = None,
        scale: float = 1.0,
        loss_scale: tf.Tensor | None = None,
    ) -> None:
        self.discriminator = discriminator
        self.real = real
        self.fake = fake
        self.real_labels = real_labels
        self.fake_labels = fake_labels
        self.scale = scale
        self.loss_scale = loss_scale
        self._known: dict[Any, tf.Tensor] = {}  # logits by tensor

    def __call__(self, images: tf.Tensor) -> tf.Tensor:
        """Returns the logits of images, [N], computed now: a gradient tape around it sees all."""
        # Reals first, then fakes, then others, whatever penalties there are: gradients are added up
        # in this order, and another order rounds otherwise. A graph leaves out what is not used.
        for earlier in (self.real, self.fake):
            if images is earlier:
                break
            self.logits(earlier)
        labels = self.real_labels if images is self.real else self.fake_labels
        logits = self.discriminator(images, labels)
        if logits.shape.rank == 2:
            logits = tf.squeeze(logits, axis=1)
        self._known[images.ref()] = logits
        return logits

    def logits(self, images: tf.Tensor) -> tf.Tensor:
        """Returns the logits of images, [N], as computed before in this step if they were."""
        known = self._known.get(images.ref())
        return self(images) if known is None else known

    def squared_gradient(self, images: tf.Tensor) -> tf.Tensor:
        """Returns ‖∇D‖² of each image, [N], differentiable by the weights.

        Where the loss is multiplied by a loss scale S, the logits are multiplied by an s of their
        own before this gradient is taken, and it is divided by s in float32. At the pixels this
        gradient is s · ∇D in float16, and backpropagation of its square begins with
        S · scale · ∇D / s, times the weight of the penalty: s = √(S · scale) keeps both equally
        far from underflow.

        Args:
            images: [N, r, r, C], float32.
        """
        zero = tf.UnconnectedGradients.ZERO  # where an augmentation replaces the images, say
        with tf.GradientTape() as tape:
            tape.watch(images)
            logits = self(images)
        if self.loss_scale is None:
            gradient = tape.gradient(logits, images, unconnected_gradients=zero)
        else:
            factor = tf.sqrt(self.loss_scale * self.scale)
            seed = tf.fill(tf.shape(logits), factor)
            gradient = tape.gradient(logits, images, seed, unconnected_gradients=zero) / factor
        return self.scale * tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3])
