"""The generator of a DCGAN: transposed convolutions (Radford et al. 2015, figure 1)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import BatchNorm
from stylegan_tf.layers.batch_norm import Moments
from stylegan_tf.models import sizes
from stylegan_tf.models.dcgan.convolutions import SIDE, first_weights, up
from stylegan_tf.models.dcgan.resolution import check_resolution
from stylegan_tf.models.latent_synthesis import LatentSynthesis


@keras.saving.register_keras_serializable("stylegan_tf")
class DCGANSynthesis(LatentSynthesis):
    """Turns latents into images: a dense layer to 4×4, then a transposed convolution at each size.

    Batch normalization and ReLU follow each layer but the last, which has tanh. A call normalizes
    by the moving averages, so that an image does not depend on the others of its batch;
    `images_and_moments` normalizes by the batch.

    Args:
        resolution: int, a power of two from 8 to 1024.
        channels: int, 1, 3 or 4.
        w_size: int, size of a latent with its label.
        fmap_base, fmap_decay, fmap_max: feature maps of stage s are
            min(fmap_base / 2^(s·fmap_decay), fmap_max).

    Call arguments and what is returned are as in `LatentSynthesis`.
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        w_size: int = 100,
        fmap_base: int = 2048,
        fmap_decay: float = 1.0,
        fmap_max: int = 1024,
        **kwargs: Any,
    ) -> None:
        top = check_resolution(resolution)
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "w_size": w_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
        }
        super().__init__(arguments, **kwargs)
        maps = [
            sizes.feature_maps(level - 1, fmap_base, fmap_decay, fmap_max)
            for level in range(2, top)
        ]
        self.dense = keras.layers.Dense(
            SIDE * SIDE * maps[0], use_bias=False, kernel_initializer=first_weights(), name="dense"
        )
        self.dense.build((None, w_size))
        self.norms: list[BatchNorm] = []  # from 4×4 up, one for each layer but the last
        self.convs: list[keras.layers.Conv2DTranspose] = []  # from 8×8 up
        shape: tuple[Any, ...] = (None, SIDE, SIDE, maps[0])
        for level, filters in enumerate([*maps[1:], None], start=3):
            self._add_norm(shape)
            size = 2**level
            conv = up(filters or channels, filters is None, name=f"conv{size}")
            conv.build(shape)
            self.convs.append(conv)
            shape = (None, size, size, filters)
        name_layers(self, [*self.norms, *self.convs])
        self.built = True

    def _add_norm(self, shape: tuple[Any, ...]) -> None:
        norm = BatchNorm(name=f"norm{shape[1]}")
        norm.build(shape)
        self.norms.append(norm)

    def images(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the images of latents [N, w_size], normalized by the moving averages."""
        return self._run(z, None)

    def images_and_moments(self, z: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Returns the images of latents [N, w_size], normalized by the batch, and its moments.

        The moments are in the order of `moving_averages`.
        """
        moments: list[Moments] = []
        images = self._run(z, moments)
        return images, [one for pair in moments for one in pair]

    def _run(self, z: tf.Tensor, moments: list[Moments] | None) -> tf.Tensor:
        """Returns the images; a list of moments is filled with those of the batch, and used."""
        x = tf.reshape(self.dense(z), [-1, SIDE, SIDE, self.dense.units // SIDE**2])
        for norm, conv in zip(self.norms, self.convs, strict=True):
            if moments is not None:
                moments.append(norm.moments(x))
            x = conv(tf.nn.relu(norm(x, moments=moments and moments[-1])))
        return tf.tanh(tf.cast(x, tf.float32))

    @property
    def moving_averages(self) -> list[tf.Variable]:
        """The moving averages of mean and variance of each normalization, from 4×4 up."""
        return [average for norm in self.norms for average in norm.moving_averages]

    def trained_layers(self) -> list[keras.layers.Layer]:
        """Returns all layers, from the latents to the image."""
        return [self.dense, *self.norms, *self.convs]
