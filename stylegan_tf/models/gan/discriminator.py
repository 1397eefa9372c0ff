"""The discriminator of a GAN as first published."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import name_layers
from stylegan_tf.models import sizes
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.growing import check_whole

HIDDEN, PIECES = 2, 5  # layers of maxout, and linear maps of which a unit is the largest
STDDEV = 0.01  # of the first weights: the largest of five is above 0, and would grow with layers


@keras.saving.register_keras_serializable("stylegan_tf")
class GANDiscriminator(BaseDiscriminator):
    """The discriminator of Goodfellow et al. 2014: two hidden layers of maxout units.

    A unit is the largest of five linear maps of its input (Goodfellow et al. 2013). The published
    one has dropout, too, which is left out here: a call is the same whenever it is made.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        label_size: int, size of a one-hot or multi-hot label; 0 for none. There is a logit for
            each of its numbers, of which the label takes its own.
        fmap_max: int, units of the hidden layers.
        architecture: `"gan"`.
        grown: as in `Generator`.

    Call arguments:
        images: [N, resolution, resolution, channels], nominally in [-1, 1].
        labels: [N, label_size], needed where `label_size` is not 0.
        resolution, fade: the full resolution and 1, nothing else.

    Returns:
        logits, [N, 1], float32.
    """

    def __init__(
        self,
        resolution: int = 32,
        channels: int = 3,
        label_size: int = 0,
        fmap_max: int = 512,
        architecture: str = "gan",
        grown: float | None = None,
        **kwargs: Any,
    ) -> None:
        get_architecture(architecture, "gan")
        sizes.log2_resolution(resolution)
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "fmap_max": fmap_max,
            "architecture": architecture,
        }
        super().__init__(arguments, grown, **kwargs)
        self.dense: list[keras.layers.Dense] = []
        size = resolution * resolution * channels
        for index in range(HIDDEN):
            self.dense.append(_dense(PIECES * fmap_max, size, f"dense{index}"))
            size = fmap_max
        self.logits = _dense(max(label_size, 1), size, "logits")
        name_layers(self, self.dense)
        self.built = True

    def call(
        self,
        images: tf.Tensor,
        labels: tf.Tensor | None = None,
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the logits of `images`."""
        check_whole("this discriminator", self.resolution, resolution, fade)
        labels = self._checked(images, labels, self.resolution)
        x = tf.reshape(images, [-1, self.resolution**2 * self.channels])
        for layer in self.dense:
            pieces = tf.reshape(layer(x), [-1, PIECES, self.arguments["fmap_max"]])
            x = tf.reduce_max(pieces, axis=1)
        return self._of_label(self.logits(x), labels)


def _dense(units: int, size: int, name: str) -> keras.layers.Dense:
    start = keras.initializers.RandomNormal(stddev=STDDEV)
    layer = keras.layers.Dense(units, kernel_initializer=start, name=name, dtype="float32")
    layer.build((None, size))
    return layer
