"""The generator of Goodfellow et al. 2014: a multilayer perceptron."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import name_layers
from stylegan_tf.models import sizes
from stylegan_tf.models.latent_synthesis import LatentSynthesis

HIDDEN = 2  # layers


@keras.saving.register_keras_serializable("stylegan_tf")
class GANSynthesis(LatentSynthesis):
    """Turns latents into images by two hidden layers with ReLU, and one to all pixels with tanh.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        w_size: int, size of a latent with its label.
        units: int, size of the hidden layers.

    Call arguments and what is returned are as in `LatentSynthesis`.
    """

    def __init__(
        self,
        resolution: int = 32,
        channels: int = 3,
        w_size: int = 100,
        units: int = 512,
        **kwargs: Any,
    ) -> None:
        sizes.log2_resolution(resolution)
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "w_size": w_size,
            "units": units,
        }
        super().__init__(arguments, **kwargs)
        widths = [units] * HIDDEN + [resolution * resolution * channels]
        self.dense = []
        size = w_size
        for index, width in enumerate(widths):
            activation = "relu" if index < HIDDEN else None
            layer = keras.layers.Dense(width, activation, name=f"dense{index}", dtype="float32")
            layer.build((None, size))
            self.dense.append(layer)
            size = width
        name_layers(self, self.dense)
        self.built = True

    def images(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the images of latents [N, w_size]."""
        x = z
        for layer in self.dense:
            x = layer(x)
        return tf.reshape(tf.tanh(x), [-1, self.resolution, self.resolution, self.channels])

    def trained_layers(self) -> list[keras.layers.Layer]:
        """Returns all layers, from the latents to the image."""
        return list(self.dense)
