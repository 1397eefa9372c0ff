"""What the synthesis networks of GAN and DCGAN share: no styles, no noise, no growing."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.models import noise_inputs, sizes, styles
from stylegan_tf.models.growing import check_whole
from stylegan_tf.models.shapes import check_shape


class LatentSynthesis(keras.layers.Layer):
    """Turns latents into images; subclasses make the layers and `images`.

    Args:
        arguments: those of the subclass, by which `get_config` makes it again.

    Call arguments:
        w: latents, followed by their labels, [N, w_size] or [N, 1, w_size].
        noise: whatever other networks take: there are no noise inputs.
        resolution, fade: the full resolution and 1, nothing else.

    Returns:
        images, [N, resolution, resolution, channels], float32, in [-1, 1].
    """

    def __init__(self, arguments: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        sizes.check_channels(arguments["channels"])
        self.arguments = arguments
        self.resolution: int = arguments["resolution"]
        self.channels: int = arguments["channels"]
        self.w_size: int = arguments["w_size"]

    def images(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the images of latents [N, w_size]."""
        raise NotImplementedError

    def trained_layers(self) -> list[keras.layers.Layer]:
        """Returns all layers, from the latents to the image."""
        raise NotImplementedError

    def call(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor] = "constant",
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the images of `w`."""
        return self.images(self.checked(w, noise, resolution, fade))

    def checked(
        self,
        w: tf.Tensor,
        noise: str | Sequence[tf.Tensor],
        resolution: int | None,
        fade: float | tf.Tensor,
    ) -> tf.Tensor:
        """Returns the latents [N, w_size] of a call.

        Raises:
            ValueError: if it is no call of this network.
        """
        check_whole("this generator", self.resolution, resolution, fade)
        w = styles.broadcast(w, 1)
        check_shape("w", w, ("N", 1, self.w_size))
        noise_inputs.per_layer(noise, 0, [], w.shape[0])
        return w[:, 0]

    def noise_shapes(self, resolution: int | None = None) -> list[tuple[int, int]]:
        """Returns []: there are no noise inputs."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return []

    def stored_noise(self, resolution: int | None = None) -> list[tf.Tensor]:
        """Returns []: there are no noise inputs."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return []

    def style_sides(self, resolution: int) -> list[int]:
        """Returns []: there are no styles."""
        return []

    def style_affines(self) -> list[tf.Tensor]:
        """Returns []: there are no styles."""
        return []

    def layers_at(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns all layers, which is what images at the full resolution go through."""
        check_whole("this generator", self.resolution, resolution, 1.0)
        return self.trained_layers()

    def layers_up_to(self, resolution: int) -> list[keras.layers.Layer]:
        """Returns all layers, as `layers_at` does."""
        return self.layers_at(resolution)

    def compute_output_shape(self, w_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, resolution, resolution, channels]."""
        return (w_shape[0], self.resolution, self.resolution, self.channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), **self.arguments}
