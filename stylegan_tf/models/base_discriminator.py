"""What all discriminators have: the check of labels, growing, and their configuration."""

from typing import Any

import tensorflow as tf

from stylegan_tf.layers import MinibatchStdDev
from stylegan_tf.models import sizes
from stylegan_tf.models.files import NetworkFiles
from stylegan_tf.models.growing import check_whole, grown_to
from stylegan_tf.models.shapes import check_shape


class BaseDiscriminator(NetworkFiles):
    """A model that tells real images from generated ones; subclasses make its layers.

    `isinstance(network, BaseDiscriminator)` tells a discriminator of any architecture.

    Args:
        arguments: those of the subclass, by which `get_config` makes it again.
        grown: as in `Generator`.

    Attributes:
        stddev: `MinibatchStdDev`, or None.
        needs_batch: whether the logit of an image says nothing without others beside it.
    """

    stddev: MinibatchStdDev | None = None
    needs_batch = False

    def __init__(self, arguments: dict[str, Any], grown: float | None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})
        sizes.check_channels(arguments["channels"])
        self.arguments = arguments
        self.resolution: int = arguments["resolution"]
        self.channels: int = arguments["channels"]
        self.label_size: int = arguments["label_size"]
        self.architecture: str = arguments["architecture"]
        self.grown = grown

    @property
    def grown_to(self) -> tuple[int, float]:
        """The resolution of its images, and the fade of the newest block, as training left it."""
        return grown_to(self.grown, self.resolution)

    def trainable_at(self, resolution: int) -> list[tf.Variable]:
        """Returns the trainable variables that logits at a resolution depend on.

        They are all, at the full resolution, which is the only one of a network that does not grow.
        """
        check_whole("this discriminator", self.resolution, resolution, 1.0)
        return list(self.trainable_variables)

    def input_specs(self) -> list[tf.TensorSpec]:
        """Returns what a call takes: images and, where there are any, labels; of any N."""
        side, _ = self.grown_to
        shape = [None, side, side, self.channels]
        specs = [tf.TensorSpec(shape, tf.float32, name="images")]
        if self.label_size:
            specs.append(tf.TensorSpec([None, self.label_size], tf.float32, name="labels"))
        return specs

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {"name": self.name, **self.arguments, "grown": self.grown}

    def _filters(self, stage: int) -> int:
        keys = ("fmap_base", "fmap_decay", "fmap_max")
        return sizes.feature_maps(stage, *(self.arguments[key] for key in keys))

    def _make_stddev(self, filters: int) -> tuple[MinibatchStdDev | None, int]:
        """Returns the minibatch standard deviation, and how many maps it adds to `filters`."""
        features = self.arguments["mbstd_num_features"]
        group = self.arguments["mbstd_group_size"]
        if group <= 1:
            return None, 0
        if features < 1 or filters % features:
            raise ValueError(
                f"mbstd_num_features is {features}; it must divide the {filters} feature maps "
                "at 4×4"
            )
        return MinibatchStdDev(group, features, dtype="float32"), features

    def _check_freezing(self, count: int, blocks: int) -> None:
        """Raises ValueError if so many blocks cannot be frozen."""
        if not 0 <= count <= blocks:
            size = 2 ** (blocks + 2)
            raise ValueError(
                f"{count} blocks cannot be frozen: a discriminator of {size}×{size} "
                f"has {blocks} before the last layers, which always learn"
            )

    def _checked(self, images: tf.Tensor, labels: tf.Tensor | None, size: int) -> tf.Tensor | None:
        """Returns the labels as [N, label_size] float32, or None for a network without.

        Raises:
            ValueError: if they are missing, or the images [N, size, size, channels] or they have
                another shape.
        """
        check_shape("images", images, ("N", size, size, self.channels))
        if not self.label_size:
            return None
        if labels is None:
            raise ValueError(f"labels are missing; this network needs [N, {self.label_size}]")
        labels = tf.cast(labels, tf.float32)
        check_shape("labels", labels, (images.shape[0] or "N", self.label_size))
        return labels

    def _of_label(self, logits: tf.Tensor, labels: tf.Tensor | None) -> tf.Tensor:
        """Returns the logit that a label picks, [N, 1], of one for each of its numbers."""
        return logits if labels is None else tf.reduce_sum(logits * labels, axis=1, keepdims=True)
