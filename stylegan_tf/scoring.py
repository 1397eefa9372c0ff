"""What a discriminator says of images: higher logits where they look real."""

from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf

from stylegan_tf.datasets.encoding import BadImage
from stylegan_tf.datasets.sources import Source, open_source
from stylegan_tf.images import to_float
from stylegan_tf.models import BaseDiscriminator
from stylegan_tf.ops import xla
from stylegan_tf.projection.target import fitted_image
from stylegan_tf.serving.signatures import without_batch_statistics


def score(discriminator: BaseDiscriminator, path: str | Path) -> Iterator[tuple[str, float]]:
    """Yields the name and the logit of each image of a folder or zip.

    Each image is a group of its own, where training compares those of a batch: a logit does not
    depend on which other images there are.

    Args:
        discriminator: as far as it has grown.
        path: whatever `stylegan-tf dataset create` takes; the middle square of an image is resized
            to what the discriminator sees. Labels are those of its `dataset.json`.

    Raises:
        ValueError: if there are no images or one is damaged, or the discriminator needs labels and
            there are none, or others.
    """
    source = open_source(path)
    labels = _labels_of(source, discriminator.label_size)
    network = without_batch_statistics(discriminator, discriminator)
    resolution, fade = discriminator.grown_to

    @tf.function(autograph=False)
    def logit(image: tf.Tensor, label: tf.Tensor) -> tf.Tensor:
        xla.stay_outside()
        label = label[None] if discriminator.label_size else None
        return network(to_float(image)[None], label, resolution=resolution, fade=fade)[0, 0]

    for name in source.names:
        with source.open(name) as file:
            data = file.read()
        try:
            image = fitted_image(data, discriminator)
        except BadImage as error:
            raise ValueError(f"{path}: {name} {error}") from None
        yield name, float(logit(tf.constant(image), tf.constant(labels[name], tf.float32)))


def _labels_of(source: Source, size: int) -> dict[str, list[float]]:
    """Returns the label of each image, [size]; an empty one for a network without."""
    if not size:
        return dict.fromkeys(source.names, [])
    labels = source.labels()
    if labels.size != size:
        there = f"those of {source.path} have {labels.size}" if labels.size else "there is none"
        raise ValueError(
            f"{source.path}: this discriminator takes labels of {size} numbers, from a "
            f"dataset.json beside the images, and {there}"
        )
    return {name: labels.vector(name) for name in source.names}
