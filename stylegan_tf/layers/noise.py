"""Noise injection: a source of stochastic variation in every layer (paper, section 2)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import add_weight


@keras.saving.register_keras_serializable("stylegan_tf")
class NoiseInjection(keras.layers.Layer):
    """Adds one channel of noise to all feature maps, scaled by a learned strength per map.

    Strengths start at 0. The layer also keeps one fixed noise map for repeatable images.

    Args:
        per_map: bool. False makes it one strength for all maps, as in StyleGAN2. Defaults to True.

    Call arguments:
        x: [N, H, W, C] with H and W fixed when the layer is built.
        noise: `"random"` (fresh each call), `"constant"` (the stored image), `"none"`, or a tensor
            [1 or N, H, W, 1].

    Returns:
        [N, H, W, C], in the dtype of `x`.
    """

    def __init__(self, per_map: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per_map = per_map

    def build(self, input_shape: tuple[Any, ...]) -> None:
        """Makes the strength, [C] or [], and the stored noise, [1, H, W, 1]."""
        _, height, width, channels = input_shape
        self.strength = add_weight(self, "strength", (channels,) if self.per_map else (), "zeros")
        normal = keras.initializers.RandomNormal(stddev=1.0)
        shape = (1, height, width, 1)
        self.constant = add_weight(self, "constant", shape, normal, trainable=False)
        self.built = True

    def image(self, noise: str | tf.Tensor, batch: int | tf.Tensor) -> tf.Tensor | None:
        """Returns the noise that a mode stands for, [1 or N, H, W, 1], or None for `"none"`.

        Raises:
            ValueError: for another name than `"random"`, `"constant"` and `"none"`.
        """
        if not isinstance(noise, str):
            return tf.convert_to_tensor(noise)
        if noise == "none":
            return None
        if noise == "constant":
            return tf.convert_to_tensor(self.constant)
        if noise == "random":
            return tf.random.normal([batch, *self.constant.shape[1:]])
        raise ValueError(
            f"noise is {noise!r}; it can be 'random', 'constant', 'none' or a list of tensors"
        )

    def call(self, x: tf.Tensor, noise: str | tf.Tensor = "random") -> tf.Tensor:
        """Returns `x + noise · strength`."""
        image = self.image(noise, tf.shape(x)[0])
        if image is None:
            return x
        return x + tf.cast(image * self.strength, x.dtype)

    def compute_output_shape(self, input_shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """Returns the shape of `x`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "per_map": self.per_map}
