"""The discriminator of a DCGAN."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import BatchNorm
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.dcgan.convolutions import SIDE, down, first_weights
from stylegan_tf.models.dcgan.resolution import check_resolution
from stylegan_tf.models.growing import check_whole

SLOPE = 0.2  # of the leaky ReLU


@keras.saving.register_keras_serializable("stylegan_tf")
class DCGANDiscriminator(BaseDiscriminator):
    """The discriminator of Radford et al. 2015: convolutions of stride 2 with leaky ReLU.

    All but the first are followed by batch normalization, by the batch of each call, always: the
    logit of an image depends on the others of its batch. Real and generated images are batches of
    their own.

    Args:
        resolution: int, a power of two from 8 to 1024.
        channels: int, 1, 3 or 4.
        label_size: int, size of a one-hot or multi-hot label; 0 for none. There is a logit for
            each of its numbers, of which the label takes its own.
        fmap_base, fmap_decay, fmap_max: as in `DCGANGenerator`.
        architecture: `"dcgan"`.
        grown: as in `Generator`.

    Call arguments:
        images: [N, resolution, resolution, channels], nominally in [-1, 1].
        labels: [N, label_size], needed where `label_size` is not 0.
        resolution, fade: the full resolution and 1, nothing else.

    Returns:
        logits, [N, 1], float32.
    """

    needs_batch = True

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        label_size: int = 0,
        fmap_base: int = 2048,
        fmap_decay: float = 1.0,
        fmap_max: int = 1024,
        architecture: str = "dcgan",
        grown: float | None = None,
        **kwargs: Any,
    ) -> None:
        get_architecture(architecture, "dcgan")
        top = check_resolution(resolution)
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "architecture": architecture,
        }
        super().__init__(arguments, grown, **kwargs)
        self.convs: list[keras.layers.Conv2D] = []  # from the image down to 4×4
        self.norms: list[BatchNorm] = []  # one for each but the first
        shape: tuple[Any, ...] = (None, resolution, resolution, channels)
        for level in range(top - 1, 1, -1):
            size, filters, is_first = 2**level, self._filters(level - 1), level == top - 1
            conv = down(filters, use_bias=is_first, name=f"conv{2 * size}")
            conv.build(shape)
            self.convs.append(conv)
            shape = (None, size, size, filters)
            if not is_first:
                norm = BatchNorm(moving=False, name=f"norm{size}")
                norm.build(shape)
                self.norms.append(norm)
        self.logits = keras.layers.Dense(
            max(label_size, 1), kernel_initializer=first_weights(), dtype="float32", name="logits"
        )
        self.logits.build((None, SIDE * SIDE * shape[-1]))
        name_layers(self, [*self.convs, *self.norms])
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
        x = images
        for conv, norm in zip(self.convs, [None, *self.norms], strict=True):
            x = conv(x)
            x = tf.nn.leaky_relu(norm(x) if norm else x, SLOPE)
        x = tf.reshape(tf.cast(x, tf.float32), [-1, self.logits.kernel.shape[0]])
        return self._of_label(self.logits(x), labels)
