"""The discriminator (Karras et al. 2017, table 2; blur as in the StyleGAN paper, section 2)."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import DiscriminatorBlock, EqualizedConv2D, EqualizedDense
from stylegan_tf.layers.resample import downsample
from stylegan_tf.models import sizes
from stylegan_tf.models.architectures import get_architecture, resolve_alias
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.growing import blend, is_whole


@keras.saving.register_keras_serializable("stylegan_tf")
class Discriminator(BaseDiscriminator):
    """Tells real images from generated ones.

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        fmap_base, fmap_decay, fmap_max: as in `Generator`.
        mbstd_group_size: int, group size of the minibatch standard deviation; 0 leaves it out.
        mbstd_num_features: int, how many channels of it.
        architecture: a letter; A has no blur, B to F share one discriminator. `config` is the same.
        pool_first: bool. False takes 2×2 means after bias and activation, as networks of
            architecture A that were trained without fused kernels need.
        grown: float, how far training has come, as in `Generator`. None: to the end.

    Call arguments:
        images: [N, resolution, resolution, channels], nominally in [-1, 1].
        labels: [N, label_size], needed where `label_size` is not 0.
        resolution: int, the resolution of `images`. Defaults to what `grown` says.
        fade: float or scalar tensor in [0, 1], weight of the newest block against the downsampled
            image. Without a resolution it is what `grown` says.

    Returns:
        logits, [N, 1], float32.
    """

    def __init__(
        self,
        resolution: int = 1024,
        channels: int = 3,
        label_size: int = 0,
        fmap_base: int = 8192,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        mbstd_group_size: int = 4,
        mbstd_num_features: int = 1,
        architecture: str = "f",
        pool_first: bool = True,
        grown: float | None = None,
        config: str | None = None,
        **kwargs: Any,
    ) -> None:
        architecture = resolve_alias(architecture, config)
        arguments = {
            "resolution": resolution,
            "channels": channels,
            "label_size": label_size,
            "fmap_base": fmap_base,
            "fmap_decay": fmap_decay,
            "fmap_max": fmap_max,
            "mbstd_group_size": mbstd_group_size,
            "mbstd_num_features": mbstd_num_features,
            "architecture": architecture,
            "pool_first": pool_first,
        }
        super().__init__(arguments, grown, **kwargs)
        top = sizes.log2_resolution(resolution)
        self.blur = get_architecture(architecture, "stylegan").blur
        self.from_rgb: list[EqualizedConv2D] = []
        self.blocks: list[DiscriminatorBlock] = []
        for level in range(2, top + 1):
            self._add_level(level)
        self._add_head()
        name_layers(self, [*self.from_rgb, *self.blocks])
        self.built = True

    def _add_level(self, level: int) -> None:
        """Adds the layer from RGB at a resolution and, above 4×4, the block to the next lower."""
        size, filters = 2**level, self._filters(level - 1)
        rgb = EqualizedConv2D(filters, kernel_size=1, name=f"from_rgb{size}")
        rgb.build((None, size, size, self.channels))
        self.from_rgb.append(rgb)
        if level > 2:
            pool_first = self.arguments["pool_first"]
            out = self._filters(level - 2)
            block = DiscriminatorBlock(filters, out, self.blur, pool_first, name=f"block{size}")
            block.build((None, size, size, filters))
            self.blocks.append(block)

    def _add_head(self) -> None:
        """Adds what happens at 4×4: in float32, as the statistics of a batch are small numbers."""
        filters, hidden = self._filters(1), self._filters(0)
        self.stddev, features = self._make_stddev(filters)
        self.conv = EqualizedConv2D(filters, dtype="float32", name="conv")
        self.conv.build((None, 4, 4, filters + features))
        self.dense0 = EqualizedDense(hidden, dtype="float32", name="dense0")
        self.dense0.build((None, 16 * filters))
        self.dense1 = EqualizedDense(max(self.label_size, 1), 1.0, dtype="float32", name="dense1")
        self.dense1.build((None, hidden))

    def call(
        self,
        images: tf.Tensor,
        labels: tf.Tensor | None = None,
        resolution: int | None = None,
        fade: float | tf.Tensor = 1.0,
    ) -> tf.Tensor:
        """Returns the logits of `images`."""
        if resolution is None and self.grown is not None:
            resolution, fade = self.grown_to
        size = self.resolution if resolution is None else resolution
        top = sizes.log2_resolution(size, largest=self.resolution)
        labels = self._checked(images, labels, size)
        x = self._enter(images, top)
        for level in range(top, 2, -1):
            x = self.blocks[level - 3](x)
            if level == top and not is_whole(fade):
                old = self._enter(downsample(images), level - 1)
                x = blend(old, x, tf.cast(fade, x.dtype))
        return self._of_label(self._head(tf.cast(x, tf.float32)), labels)

    @property
    def label_layers(self) -> list[keras.layers.Layer]:
        """The layers that depend on what labels are: the last, which has a logit for each class."""
        return [self.dense1]

    def trainable_at(self, resolution: int) -> list[tf.Variable]:
        """Returns the trainable variables that logits at a resolution depend on."""
        level = sizes.log2_resolution(resolution)
        layers: list[keras.layers.Layer] = [
            *self.from_rgb[max(level - 3, 0) : level - 1],
            *self.blocks[: level - 2],
            self.conv,
            self.dense0,
            self.dense1,
        ]
        return [variable for layer in layers for variable in layer.trainable_variables]

    def freeze(self, count: int, resolution: int) -> None:
        """Freezes blocks of a network that was trained, for transfer learning.

        The features of images stay; what is made of them is learned anew (Mo et al. 2020, "Freeze
        the Discriminator"). Call it before an optimizer is made of the trainable variables.

        Args:
            count: how many blocks, with their layers from RGB, from the image on.
            resolution: to which it was trained; blocks above it are new, and learn.

        Raises:
            ValueError: if there are not so many.
        """
        blocks = sizes.log2_resolution(resolution) - 2
        self._check_freezing(count, blocks)
        for level in range(blocks - count, blocks):
            self.blocks[level].trainable = False
            self.from_rgb[level + 1].trainable = False

    def _enter(self, images: tf.Tensor, level: int) -> tf.Tensor:
        layer = self.from_rgb[level - 2]
        return ops.bias_act(layer(images, add_bias=False), layer.bias)

    def _head(self, x: tf.Tensor) -> tf.Tensor:
        """Turns feature maps at 4×4 into [N, label_size or 1]."""
        if self.stddev:
            x = self.stddev(x)
        x = ops.bias_act(self.conv(x, add_bias=False), self.conv.bias)
        x = tf.reshape(x, [-1, self.dense0.kernel.shape[0]])
        x = ops.bias_act(self.dense0(x, add_bias=False), self.dense0.bias)
        return self.dense1(x)
