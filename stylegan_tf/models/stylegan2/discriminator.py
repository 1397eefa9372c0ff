"""StyleGAN2's discriminator (Karras et al. 2020, figure 7), with labels as in StyleGAN2-ADA."""

import math
from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.backend_compat import name_layers
from stylegan_tf.layers import EqualizedConv2D, EqualizedDense, ResidualBlock
from stylegan_tf.layers.activation import activated
from stylegan_tf.models import sizes
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.base_discriminator import BaseDiscriminator
from stylegan_tf.models.growing import check_whole
from stylegan_tf.models.stylegan2.mapping import LabelMapping


@keras.saving.register_keras_serializable("stylegan_tf")
class StyleGAN2Discriminator(BaseDiscriminator):
    """The discriminator of StyleGAN2, which does not grow. It is called as `Discriminator` is.

    With labels, the logit is the product of what the network makes of an image and what a mapping
    network makes of the label, divided by the root of their size (Miyato and Koyama 2018).

    Args:
        resolution: int, a power of two from 4 to 1024.
        channels: int, 1, 3 or 4.
        label_size: int, size of a one-hot or multi-hot label; 0 for none.
        fmap_base, fmap_decay, fmap_max: as in `StyleGAN2Generator`.
        mbstd_group_size: int, group size of the minibatch standard deviation; 0 leaves it out.
        mbstd_num_features: int, how many channels of it.
        architecture: `"stylegan2-resnet"`, `"stylegan2-skip"` or `"stylegan2-orig"`; `"stylegan2"`
            is resnet.
        mapping_size: int, size of the vector of a label. None: the feature maps at 4×4.
        mapping_layers: int, of the mapping network of labels.
        mapping_lr_multiplier: float, of those layers.
        clamp: float, the largest magnitude after a leaky ReLU, or None. float16 needs one.
        half_resolutions: int, how many of the highest resolutions follow a policy of mixed
            precision; those below stay float32.
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
        resolution: int = 1024,
        channels: int = 3,
        label_size: int = 0,
        fmap_base: int = 16384,
        fmap_decay: float = 1.0,
        fmap_max: int = 512,
        mbstd_group_size: int = 4,
        mbstd_num_features: int = 1,
        architecture: str = "stylegan2",
        mapping_size: int | None = None,
        mapping_layers: int = 8,
        mapping_lr_multiplier: float = 0.01,
        clamp: float | None = None,
        half_resolutions: int = 4,
        grown: float | None = None,
        **kwargs: Any,
    ) -> None:
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
            "mapping_size": mapping_size,
            "mapping_layers": mapping_layers,
            "mapping_lr_multiplier": mapping_lr_multiplier,
            "clamp": clamp,
            "half_resolutions": half_resolutions,
        }
        super().__init__(arguments, grown, **kwargs)
        self.top = sizes.log2_resolution(resolution)
        self.form = get_architecture(architecture, "stylegan2").discriminator_form
        self.clamp = clamp
        self.from_rgb: list[EqualizedConv2D] = []  # from 4×4 up in skip, else the highest alone
        self.blocks: list[ResidualBlock] = []  # from 8×8 up
        for level in range(2, self.top + 1):
            policy = {} if level > self.top - half_resolutions else {"dtype": "float32"}
            self._add_level(level, policy)
        self._add_head(mapping_size, mapping_layers, mapping_lr_multiplier)
        name_layers(self, [*self.from_rgb, *self.blocks])
        self.built = True

    def _add_level(self, level: int, policy: dict[str, Any]) -> None:
        """Adds the layer from RGB at a resolution, where it has one, and the block to the next."""
        size, filters = 2**level, self._filters(level - 1)
        if self.form == "skip" or level == self.top:
            rgb = EqualizedConv2D(filters, kernel_size=1, name=f"from_rgb{size}", **policy)
            rgb.build((None, size, size, self.channels))
            self.from_rgb.append(rgb)
        if level > 2:
            out, residual = self._filters(level - 2), self.form == "resnet"
            block = ResidualBlock(filters, out, residual, self.clamp, name=f"block{size}", **policy)
            block.build((None, size, size, filters))
            self.blocks.append(block)

    def _add_head(self, mapping_size: int | None, layers: int, lr_multiplier: float) -> None:
        """Adds what happens at 4×4: in float32, as the statistics of a batch are small numbers."""
        filters = self._filters(1)
        self.stddev, features = self._make_stddev(filters)
        self.conv = EqualizedConv2D(filters, dtype="float32", name="conv")
        self.conv.build((None, 4, 4, filters + features))
        self.dense0 = EqualizedDense(filters, dtype="float32", name="dense0")
        self.dense0.build((None, 16 * filters))
        size = (mapping_size or filters) if self.label_size else 1
        self.dense1 = EqualizedDense(size, 1.0, dtype="float32", name="dense1")
        self.dense1.build((None, filters))
        if self.label_size:
            self.mapping = LabelMapping(
                self.label_size, size, layers, lr_multiplier, name="mapping"
            )

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
        x = self._enter(images, self.top)
        for level in range(self.top, 2, -1):
            x = self.blocks[level - 3](x)
            if self.form == "skip":
                images = ops.fir_downsample2d(images)
                x += tf.cast(self._enter(images, level - 1), x.dtype)
        logits = self._head(tf.cast(x, tf.float32))
        if self.label_size:
            product = tf.reduce_sum(logits * self.mapping(labels), axis=1, keepdims=True)
            logits = product / math.sqrt(logits.shape[1])
        return logits

    @property
    def label_layers(self) -> list[keras.layers.Layer]:
        """The layers that depend on what labels are: the last, and the mapping network."""
        return [self.dense1, self.mapping] if self.label_size else [self.dense1]

    def freeze(self, count: int, resolution: int) -> None:
        """Freezes blocks of a network that was trained, as `Discriminator.freeze` does.

        Args:
            count: how many blocks, with their layers from RGB, from the image on.
            resolution: the full one.

        Raises:
            ValueError: if there are not so many.
        """
        check_whole("this discriminator", self.resolution, resolution, 1.0)
        self._check_freezing(count, len(self.blocks))
        for layers in (self.blocks, self.from_rgb):
            for layer in layers[::-1][:count]:
                layer.trainable = False

    def _enter(self, images: tf.Tensor, level: int) -> tf.Tensor:
        """Returns the feature maps of images at a resolution."""
        layer = self.from_rgb[level - 2 if self.form == "skip" else 0]
        # As published, that of 4×4 is not clamped.
        return activated(layer, images, self.clamp if level > 2 else None)

    def _head(self, x: tf.Tensor) -> tf.Tensor:
        """Turns feature maps at 4×4 into [N, size of a label's vector or 1]."""
        if self.stddev:
            x = self.stddev(x)
        x = activated(self.conv, x, self.clamp)
        x = tf.reshape(x, [-1, self.dense0.kernel.shape[0]])
        return self.dense1(activated(self.dense0, x))
