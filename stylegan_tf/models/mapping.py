"""The mapping network (paper, section 2)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import EqualizedDense, PixelNorm
from stylegan_tf.models import label_inputs
from stylegan_tf.models.shapes import check_shape


@keras.saving.register_keras_serializable("stylegan_tf")
class Mapping(keras.layers.Layer):
    """Maps latents z (and labels) to intermediate latents w.

    z, joined by an embedding of the labels, is normalized and goes through dense layers. With no
    layers w is the normalized input, so that its size follows from `latent_size`.

    Args:
        latent_size: int, size of z.
        w_size: int, size of w.
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        layers: int. Defaults to 8.
        units: int, size of the hidden layers. Defaults to 512.
        lr_multiplier: float, slows the learning of these layers (paper, appendix C).

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
        input_size = latent_size * (2 if label_size else 1)
        self.latent_size = latent_size
        self.w_size = w_size if layers else input_size
        self.label_size = label_size
        self.layers = layers
        self.units = units
        self.lr_multiplier = lr_multiplier
        self.normalize = PixelNorm(dtype="float32", name="normalize")
        if label_size:
            # Labels are one-hot, so the embedding is stored N(0, 1) and not scaled.
            self.embedding = EqualizedDense(
                latent_size, label_size**0.5, use_bias=False, dtype="float32", name="embedding"
            )
            self.embedding.build((None, label_size))
        sizes = [units] * (layers - 1) + [w_size] if layers else []
        self.dense = []
        for index, size in enumerate(sizes):
            layer = EqualizedDense(
                size, lr_multiplier=lr_multiplier, dtype="float32", name=f"dense{index}"
            )
            layer.build((None, input_size))
            self.dense.append(layer)
            input_size = size
        name_layers(self, self.dense)
        self.built = True

    def call(self, z: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
        """Returns w."""
        z = tf.cast(z, tf.float32)
        check_shape("z", z, ("N", self.latent_size))
        if self.label_size:
            labels = label_inputs.of_latents(labels, z, self.label_size)
            z = tf.concat([z, self.embedding(labels)], axis=1)
        w = self.normalize(z)
        for layer in self.dense:
            w = ops.bias_act(layer(w, add_bias=False), layer.scaled_bias())
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
