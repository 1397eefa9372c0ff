"""The three ways in which a synthesis network begins at 4×4."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight
from stylegan_tf.layers.equalized_dense import EqualizedDense

SIZE = 4


@keras.saving.register_keras_serializable("stylegan_tf")
class LearnedConstant(keras.layers.Layer):
    """A learned [1, 4, 4, filters] tensor for every image of the batch; it starts at 1.

    Args:
        filters: int, number of feature maps.

    Call arguments:
        w: [N, w_size]; only N matters.

    Returns:
        [N, 4, 4, filters].
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def start(self) -> Any:
        """Returns the initializer of the constant."""
        return keras.initializers.Ones()

    def build(self, w_shape: tuple[Any, ...]) -> None:
        """Makes the constant."""
        shape = (1, SIZE, SIZE, self.filters)
        self.constant = add_weight(self, "constant", shape, self.start())
        self.built = True

    def call(self, w: tf.Tensor) -> tf.Tensor:
        """Returns the constant, N times."""
        return tf.repeat(tf.cast(self.constant, self.compute_dtype), tf.shape(w)[0], axis=0)

    def compute_output_shape(self, w_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, 4, 4, filters]."""
        return (w_shape[0], SIZE, SIZE, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "filters": self.filters}


@keras.saving.register_keras_serializable("stylegan_tf")
class NormalConstant(LearnedConstant):
    """The same, but it starts at N(0, 1), as in StyleGAN2."""

    def start(self) -> Any:
        """Returns the initializer of the constant."""
        return keras.initializers.RandomNormal(stddev=1.0)


@keras.saving.register_keras_serializable("stylegan_tf")
class DenseInput(LearnedConstant):
    """A dense map of the latent (Karras et al. 2017, table 2): [N, w_size] → [N, 4, 4, filters].

    Each of the 16 pixels is fed as by a 4×4 convolution of the latent, hence the gain √2 / 4.
    """

    def build(self, w_shape: tuple[Any, ...]) -> None:
        """Makes the weight, [w_size, 16·filters]."""
        units = SIZE * SIZE * self.filters
        self.dense = EqualizedDense(units, math.sqrt(2) / 4, use_bias=False, name="dense")
        self.dense.build(w_shape)
        self.built = True

    def call(self, w: tf.Tensor) -> tf.Tensor:
        """Returns the first feature maps."""
        maps = self.dense(tf.cast(w, self.compute_dtype))
        return tf.reshape(maps, [-1, SIZE, SIZE, self.filters])
