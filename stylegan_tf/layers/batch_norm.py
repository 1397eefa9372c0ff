"""Batch normalization (Ioffe and Szegedy 2015) that leaves its moving averages to the training."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight

Moments = tuple[tf.Tensor, tf.Tensor]


@keras.saving.register_keras_serializable("stylegan_tf")
class BatchNorm(keras.layers.Layer):
    """Gives each feature map a learned mean and deviation over the batch and all pixels.

    It computes in float32 under any policy, and a call changes nothing: a training step moves the
    moving averages, by the moments that `moments` returns.

    Args:
        moving: bool, whether there are moving averages of the moments, which are used where a call
            gives none. Without them each batch is normalized by itself. Defaults to True.
        epsilon: float. Added to the variance. Defaults to 1e-5.

    Call arguments:
        x: [..., C].
        moments: mean and variance, [C] each, as `moments` returns them. Defaults to the moving
            averages, or those of `x` where there are none.

    Returns:
        of the shape of `x`, in the dtype of the policy.
    """

    def __init__(self, moving: bool = True, epsilon: float = 1e-5, **kwargs: Any) -> None:
        # Keras would round the moments of a call to the type that the policy computes in.
        super().__init__(**{**kwargs, "autocast": False})
        self.moving = moving
        self.epsilon = epsilon

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes scale and bias, and the moving averages."""
        shape = (input_shape[-1],)
        self.scale = add_weight(self, "scale", shape, "ones")
        self.bias = add_weight(self, "bias", shape, "zeros")
        if self.moving:
            self.moving_mean = add_weight(self, "moving_mean", shape, "zeros", trainable=False)
            self.moving_variance = add_weight(
                self, "moving_variance", shape, "ones", trainable=False
            )
        self.built = True

    def call(self, x: tf.Tensor, moments: Moments | None = None) -> tf.Tensor:
        """Returns the normalized feature maps."""
        values = tf.cast(x, tf.float32)
        if moments is not None:
            mean, variance = moments
        elif self.moving:
            mean, variance = map(tf.convert_to_tensor, self.moving_averages)
        else:
            mean, variance = self.moments(x)
        factor = tf.math.rsqrt(variance + self.epsilon) * self.scale
        return tf.cast((values - mean) * factor + self.bias, self.compute_dtype)

    @property
    def moving_averages(self) -> list[tf.Variable]:
        """The moving averages of mean and variance, which are not trained by gradients."""
        return [self.moving_mean, self.moving_variance] if self.moving else []

    @staticmethod
    def moments(x: tf.Tensor) -> Moments:
        """Returns mean and variance of each feature map of a batch, float32 [C] each."""
        mean, variance = tf.nn.moments(tf.cast(x, tf.float32), axes=list(range(len(x.shape) - 1)))
        return mean, variance

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns the shape of the input."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "moving": self.moving, "epsilon": self.epsilon}
