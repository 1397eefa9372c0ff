"""What stands in the place of a mapping network where there is no w."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.models import label_inputs
from stylegan_tf.models.shapes import check_shape


@keras.saving.register_keras_serializable("stylegan_tf")
class LatentMapping(keras.layers.Layer):
    """Gives z as it is, followed by the label, so that a synthesis network has one input.

    Args:
        latent_size: int, size of z.
        label_size: int, size of a one-hot or multi-hot label; 0 for none.

    Call arguments:
        z: [N, latent_size].
        labels: [N, label_size], or None for zeros.

    Returns:
        [N, latent_size + label_size], float32.
    """

    def __init__(self, latent_size: int = 100, label_size: int = 0, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.latent_size = latent_size
        self.label_size = label_size
        self.w_size = latent_size + label_size
        self.built = True

    def call(self, z: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Returns z and the label."""
        z = tf.cast(z, tf.float32)
        check_shape("z", z, ("N", self.latent_size))
        if not self.label_size:
            return z
        labels = label_inputs.of_latents(labels, z, self.label_size)
        return tf.concat([z, labels], axis=1)

    def compute_output_shape(self, z_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, latent_size + label_size]."""
        return (z_shape[0], self.w_size)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "label_size": self.label_size,
        }
