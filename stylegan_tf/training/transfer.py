"""Weights of trained networks for networks of other labels, or of another resolution.

A layer keeps its name whatever the resolution, so that a small network is the beginning of a large
one. Layers that are about labels are taken from networks of the same labels alone.
"""

from collections.abc import Iterable

import keras

from stylegan_tf.models import BaseDiscriminator, BaseGenerator


def to_generator(source: BaseGenerator, target: BaseGenerator) -> None:
    """Gives a generator the weights of another, of all layers that both have."""
    _copy(_generator_layers(source), _generator_layers(target))
    if source.label_size and source.label_size == target.label_size:
        _copy_layer(source.mapping.embedding, target.mapping.embedding)
    _assign(source.w_avg, target.w_avg)


def to_discriminator(source: BaseDiscriminator, target: BaseDiscriminator) -> None:
    """Gives a discriminator the weights of another, of all layers that both have."""
    _copy(_discriminator_layers(source), _discriminator_layers(target))
    if source.label_size == target.label_size:
        for theirs, ours in zip(source.label_layers, target.label_layers, strict=True):
            _copy_layer(theirs, ours)


def _generator_layers(generator: BaseGenerator) -> list[keras.layers.Layer]:
    """All layers but that of the labels."""
    synthesis = generator.synthesis
    return [*generator.mapping.dense, *synthesis.layers_up_to(generator.resolution)]


def _discriminator_layers(discriminator: BaseDiscriminator) -> list[keras.layers.Layer]:
    """All layers but the last, which has a logit for each class."""
    head = [discriminator.conv, discriminator.dense0]
    return [*discriminator.from_rgb, *discriminator.blocks, *head]


def _copy(source: Iterable[keras.layers.Layer], target: Iterable[keras.layers.Layer]) -> None:
    known = {layer.name: layer for layer in source}
    for layer in target:
        if layer.name in known:
            _copy_layer(known[layer.name], layer)


def _copy_layer(source: keras.layers.Layer, target: keras.layers.Layer) -> None:
    for theirs, ours in zip(source.weights, target.weights, strict=True):
        _assign(theirs, ours)


def _assign(theirs, ours) -> None:
    """Sets a weight to another, or the rows that it has in common with it.

    The first layer after z has a row for each of its numbers, and then, with labels, as many more.
    """
    value, rows = theirs.numpy(), ours.numpy()
    if value.ndim == 0:
        ours.assign(value)
        return
    common = min(len(value), len(rows))
    rows[:common] = value[:common]
    ours.assign(rows)
