"""Minibatch standard deviation (Karras et al. 2017, section 3)."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("stylegan_tf")
class MinibatchStdDev(keras.layers.Layer):
    """Appends the deviation within groups of the batch, averaged over features and pixels.

    The members of a group are strided: with 8 images in groups of 4, a group is n, n+2, n+4,
    n+6. A batch smaller than the group is one group.

    Args:
        group_size: int. Defaults to 4.
        num_features: int, how many channels to append; each averages its share of the feature
            maps. Defaults to 1.

    Call arguments:
        x: [N, H, W, C]; N must be a multiple of min(group_size, N), C of num_features.

    Returns:
        [N, H, W, C + num_features].
    """

    def __init__(self, group_size: int = 4, num_features: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.group_size = group_size
        self.num_features = num_features

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Returns `x` with the statistics appended as the last channels."""
        self._check(x.shape[0], x.shape[-1])
        n, h, w = tf.unstack(tf.shape(x)[:3])
        group = tf.minimum(self.group_size, n)
        features = self.num_features
        shape = [group, n // group, h * w, features, x.shape[-1] // features]
        y = tf.reshape(tf.cast(x, tf.float32), shape)  # [G, M, H·W, F, C/F]
        y -= tf.reduce_mean(y, axis=0, keepdims=True)
        y = tf.sqrt(tf.reduce_mean(tf.square(y), axis=0) + 1e-8)  # [M, H·W, F, C/F]
        y = tf.reduce_mean(y, axis=[1, 3])  # [M, F]
        y = tf.tile(y, [group, 1])[:, None, None, :]  # [N, 1, 1, F]
        y = tf.broadcast_to(tf.cast(y, x.dtype), [n, h, w, features])
        return tf.concat([x, y], axis=-1)

    def _check(self, n: int | None, channels: int) -> None:
        if n is not None and n % min(self.group_size, n):
            raise ValueError(
                f"the batch is {n}; it must be below group_size, {self.group_size}, or a multiple"
            )
        if channels % self.num_features:
            raise ValueError(f"num_features is {self.num_features}; it must divide {channels}")

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns [N, H, W, C + num_features]."""
        return (*input_shape[:-1], input_shape[-1] + self.num_features)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "group_size": self.group_size,
            "num_features": self.num_features,
        }
