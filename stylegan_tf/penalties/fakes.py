"""The generator as penalties see it in one step."""

from __future__ import annotations

from collections.abc import Callable

from stylegan_tf.lazy_tensorflow import tf


class Fakes:
    """Generates images of the latents of a step.

    Args:
        styles: function n → w of the first n latents, mixed, [n, L, w_size], and before that,
            [n, w_size].
        synthesis: function w [n, L, w_size] → images [n, r, r, C].
        batch: int N, how many latents there are.
        loss_scale: scalar tensor, the S by which the loss is multiplied, or None.

    Attributes:
        w: of the latents that were used last, before mixing, [n, w_size]; None before.
    """

    def __init__(
        self,
        styles: Callable[[int], tuple[tf.Tensor, tf.Tensor]],
        synthesis: Callable[[tf.Tensor], tf.Tensor],
        batch: int,
        loss_scale: tf.Tensor | None = None,
    ) -> None:
        self.styles = styles
        self.synthesis = synthesis
        self.batch = batch
        self.loss_scale = loss_scale
        self.w: tf.Tensor | None = None

    def images(self, count: int) -> tf.Tensor:
        """Returns the first n images of the step, [n, r, r, C]: a gradient tape around it sees all.

        Args:
            count: int n, at most `batch`.
        """
        w, self.w = self.styles(count)
        return self.synthesis(w)

    def gradient_by_w(self, count: int, direction: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
        """Returns ∂Σ(images · direction)/∂w, differentiable by the weights.

        Where the loss is multiplied by a loss scale S, the direction is multiplied by √S and the
        gradient divided by it in float32, as `Critic.squared_gradient` does.

        Args:
            count: int n, of how many images, the first ones of the step.
            direction: function images [n, r, r, C] → a tensor of their shape, which is constant.

        Returns:
            [n, L, w_size].
        """
        w, self.w = self.styles(count)
        with tf.GradientTape() as tape:
            tape.watch(w)
            images = self.synthesis(w)
        along = tf.stop_gradient(direction(images))
        factor = 1.0 if self.loss_scale is None else tf.sqrt(self.loss_scale)
        gradient = tape.gradient(images, w, along * factor, unconnected_gradients="zero")
        return gradient / factor
