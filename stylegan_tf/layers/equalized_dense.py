"""Dense layer with equalized learning rate (Karras et al. 2017, section 4.1)."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight

HE_GAIN = math.sqrt(2)  # He et al. 2015: keeps the variance through a leaky ReLU


@keras.saving.register_keras_serializable("stylegan_tf")
class EqualizedDense(keras.layers.Layer):
    """`y = x · (weight · gain / √fan_in · m) + bias · m`, with m the learning-rate multiplier.

    Weights are stored N(0, 1/m), so that Adam, whose steps do not depend on the scale of the
    gradient, moves every layer equally fast, and a layer with m < 1 more slowly.

    Args:
        units: int, size of the output.
        gain: float. √2 (He) before a leaky ReLU, 1 elsewhere. Defaults to √2.
        lr_multiplier: float m. Defaults to 1.
        use_bias: bool. Defaults to True.
        initial_bias: float, where the bias starts. Defaults to 0.

    Call arguments:
        x: [N, C].
        add_bias: bool; False leaves the bias for the caller to fuse with what follows.

    Returns:
        [N, units].
    """

    def __init__(
        self,
        units: int,
        gain: float = HE_GAIN,
        lr_multiplier: float = 1.0,
        use_bias: bool = True,
        initial_bias: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.gain = gain
        self.lr_multiplier = lr_multiplier
        self.use_bias = use_bias
        self.initial_bias = initial_bias

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes the weight, [C, units], and the bias, [units]."""
        fan_in = input_shape[-1]
        self.scale = self.gain / math.sqrt(fan_in) * self.lr_multiplier
        normal = keras.initializers.RandomNormal(stddev=1 / self.lr_multiplier)
        self.kernel = add_weight(self, "kernel", (fan_in, self.units), normal)
        if self.use_bias:
            start = keras.initializers.Constant(self.initial_bias)
            self.bias = add_weight(self, "bias", (self.units,), start)
        self.built = True

    def call(self, x: tf.Tensor, add_bias: bool = True) -> tf.Tensor:
        """Returns the affine map of `x`."""
        y = tf.matmul(x, tf.cast(self.kernel * self.scale, x.dtype))
        if self.use_bias and add_bias:
            y += tf.cast(self.scaled_bias(), x.dtype)
        return y

    def scaled_bias(self) -> tf.Tensor:
        """Returns the bias as it is added, [units]: for callers that fuse it with what follows."""
        return self.bias * self.lr_multiplier

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns […, units]."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "gain": self.gain,
            "lr_multiplier": self.lr_multiplier,
            "use_bias": self.use_bias,
            "initial_bias": self.initial_bias,
        }
