"""StyleGAN2's mapping network, and the like of it for the labels of a discriminator."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import EqualizedDense, PixelNorm
from stylegan_tf.layers.activation import activated
from stylegan_tf.models import label_inputs
from stylegan_tf.models.shapes import check_shape


@keras.saving.register_keras_serializable("stylegan_tf")
class LabelMapping(keras.layers.Layer):
    """Maps labels to vectors: a dense layer, normalization, dense layers with leaky ReLU.

    Args:
        label_size: int, size of a one-hot or multi-hot label.
        size: int, of the vectors, and of all layers.
        layers: int, how many follow the first. Defaults to 8.
        lr_multiplier: float, slows the learning of those. Defaults to 0.01.

    Call arguments:
        labels: [N, label_size].

    Returns:
        [N, size].
    """

    def __init__(
        self,
        label_size: int,
        size: int,
        layers: int = 8,
        lr_multiplier: float = 0.01,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.label_size = label_size
        self.size = size
        self.layers = layers
        self.lr_multiplier = lr_multiplier
        self.normalize = PixelNorm(dtype="float32", name="normalize")
        self.embedding = _embedding(label_size, size)
        self.dense = _dense(size, [size] * layers, lr_multiplier)
        name_layers(self, self.dense)
        self.built = True

    def call(self, labels: tf.Tensor) -> tf.Tensor:
        """Returns the vectors of labels."""
        x = self.normalize(self.embedding(labels))
        for layer in self.dense:
            x = activated(layer, x)
        return x

    def compute_output_shape(self, labels_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, size]."""
        return (labels_shape[0], self.size)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "label_size": self.label_size,
            "size": self.size,
            "layers": self.layers,
            "lr_multiplier": self.lr_multiplier,
        }


@keras.saving.register_keras_serializable("stylegan_tf")
class StyleGAN2Mapping(keras.layers.Layer):
    """Maps latents z (and labels) to intermediate latents w.

    z is normalized, and joined by a normalized embedding of the labels. With no layers w is that,
    so that its size follows.

    Args:
        latent_size: int, size of z.
        w_size: int, size of w, and of the embedding.
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        layers: int. Defaults to 8.
        units: int, size of the hidden layers. Defaults to 512.
        lr_multiplier: float, slows the learning of these layers. Defaults to 0.01.

    Call arguments:
        z: [N, latent_size].
        labels: [N, label_size], or None for zeros.

    Returns:
        w, [N, w_size].
    """

    def __init__(
        self,
        latent_size: int = 512,
        w_size: int = 512,
        label_size: int = 0,
        layers: int = 8,
        units: int = 512,
        lr_multiplier: float = 0.01,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.latent_size = latent_size
        self.label_size = label_size
        self.layers = layers
        self.units = units
        self.lr_multiplier = lr_multiplier
        self.normalize = PixelNorm(dtype="float32", name="normalize")
        input_size = latent_size
        if label_size:
            self.embedding = _embedding(label_size, w_size)
            input_size += w_size
        self.w_size = w_size if layers else input_size
        widths = [units] * (layers - 1) + [w_size] if layers else []
        self.dense = _dense(input_size, widths, lr_multiplier)
        name_layers(self, self.dense)
        self.built = True

    def call(self, z: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Returns w."""
        z = tf.cast(z, tf.float32)
        check_shape("z", z, ("N", self.latent_size))
        w = self.normalize(z)
        if self.label_size:
            labels = label_inputs.of_latents(labels, z, self.label_size)
            w = tf.concat([w, self.normalize(self.embedding(labels))], axis=1)
        for layer in self.dense:
            w = activated(layer, w)
        return w

    def compute_output_shape(self, z_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, w_size]."""
        return (z_shape[0], self.w_size)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "w_size": self.w_size,
            "label_size": self.label_size,
            "layers": self.layers,
            "units": self.units,
            "lr_multiplier": self.lr_multiplier,
        }


def _embedding(label_size: int, size: int) -> EqualizedDense:
    layer = EqualizedDense(size, gain=1.0, dtype="float32", name="embedding")
    layer.build((None, label_size))
    return layer


def _dense(input_size: int, widths: list[int], lr_multiplier: float) -> list[EqualizedDense]:
    """Returns one dense layer after the other."""
    layers = []
    for index, size in enumerate(widths):
        layer = EqualizedDense(
            size, lr_multiplier=lr_multiplier, dtype="float32", name=f"dense{index}"
        )
        layer.build((None, input_size))
        layers.append(layer)
        input_size = size
    return layers
