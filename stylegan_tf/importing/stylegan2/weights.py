"""Makes our networks from stored ones, and says which weight is which published array."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from stylegan_tf.importing import layouts
from stylegan_tf.importing.licence import STYLEGAN2
from stylegan_tf.importing.matching import Pair, Table, assign
from stylegan_tf.importing.stylegan2.description import (
    DiscriminatorArguments,
    GeneratorArguments,
    Stored,
    feature_maps,
)
from stylegan_tf.models import StyleGAN2Discriminator, StyleGAN2Generator
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

# "stylegan2" is the form of each network that the paper ends with.
USUAL = {StyleGAN2Generator: "skip", StyleGAN2Discriminator: "resnet"}
WHOLE_BATCH = 1 << 16  # a group size that no batch reaches


def generator(stored: Stored[GeneratorArguments]) -> tuple[StyleGAN2Generator, Table]:
    """Returns the generator that is stored, and what was matched.

    Raises:
        UnsupportedCheckpointError: if ours cannot be like it.
    """
    given = stored.arguments
    if given.label_size:
        _refuse_other(given.embedding_units, given.w_size, "embed_features")
    network = _make(
        StyleGAN2Generator,
        given,
        latent_size=given.latent_size,
        w_size=given.w_size,
        mapping_units=given.mapping_units,
        licence=STYLEGAN2,
    )
    return network, assign(generator_pairs(network), stored.arrays, exactly=True)


def discriminator(stored: Stored[DiscriminatorArguments]) -> tuple[StyleGAN2Discriminator, Table]:
    """Returns the discriminator that is stored, and what was matched.

    Raises:
        UnsupportedCheckpointError: if ours cannot be like it.
    """
    given = stored.arguments
    if given.label_size:
        size = feature_maps(given, 4)
        _refuse_other(given.embedding_units, size, "embed_features of D")
        _refuse_other(
            given.mapping_units if given.mapping_layers > 1 else size, size, "layers of D"
        )
    network = _make(
        StyleGAN2Discriminator,
        given,
        mbstd_group_size=given.mbstd_group_size or WHOLE_BATCH,
        mbstd_num_features=given.mbstd_num_features,
    )
    return network, assign(discriminator_pairs(network), stored.arrays, exactly=True)


def _refuse_other(units: int, size: int, what: str) -> None:
    if units != size:
        raise UnsupportedCheckpointError(f"{what} has {units} features; only {size} is known here")


def _make(kind: type, given: GeneratorArguments | DiscriminatorArguments, **arguments: Any) -> Any:
    """Returns a network of the arguments that both have, and of further ones."""
    form = given.architecture
    try:
        return kind(
            resolution=given.resolution,
            channels=given.channels,
            label_size=given.label_size,
            fmap_base=given.channel_base // 2,
            fmap_max=given.channel_max,
            mapping_layers=given.mapping_layers,
            mapping_lr_multiplier=given.mapping_lr_multiplier,
            architecture="stylegan2" if form == USUAL[kind] else f"stylegan2-{form}",
            clamp=given.conv_clamp and float(given.conv_clamp),
            **arguments,
        )
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
        raise UnsupportedCheckpointError(f"its arguments make no network: {reason}") from None


def generator_pairs(network: StyleGAN2Generator) -> list[Pair]:
    """Returns every weight of a generator with its name in the published PyTorch code."""
    synthesis = network.synthesis
    pairs = [Pair(network.w_avg, "mapping.w_avg", optional=True)]
    pairs += _mapping(network.mapping)
    pairs.append(Pair(synthesis.constant.constant, "synthesis.b4.const", layouts.constant_from_chw))
    for index, layer in enumerate(synthesis.synthesis_layers, start=1):
        block, number = 4 << index // 2, index % 2
        name = f"synthesis.b{block}.conv{number}"
        # The convolution of an upsampled image convolves there, and correlates here.
        kernel = layouts.kernel_from_oihw if number else layouts.flipped_from_oihw
        pairs.append(Pair(layer.conv.kernel, f"{name}.weight", kernel))
        pairs.append(Pair(layer.bias, f"{name}.bias"))
        pairs.append(Pair(layer.noise.strength, f"{name}.noise_strength"))
        pairs.append(Pair(layer.noise.constant, f"{name}.noise_const", layouts.image_from_hw))
        pairs += _affine(layer.conv.affine, f"{name}.affine")
    for layer in synthesis.to_rgb:
        name = f"synthesis.b{layer.name.removeprefix('to_rgb')}.torgb"
        pairs += _affine(layer, name, layouts.kernel_from_oihw)
        pairs += _affine(layer.affine, f"{name}.affine")
    for layer in synthesis.skips:
        name = f"synthesis.b{layer.name.removeprefix('skip')}.skip.weight"
        pairs.append(Pair(layer.kernel, name, layouts.kernel_from_oihw))
    return pairs


def discriminator_pairs(network: StyleGAN2Discriminator) -> list[Pair]:
    """Returns every weight of a discriminator with its name in the published PyTorch code."""
    pairs = _mapping(network.mapping) if network.label_size else []
    for layer in network.from_rgb:
        name = f"b{layer.name.removeprefix('from_rgb')}.fromrgb"
        pairs += _affine(layer, name, layouts.kernel_from_oihw)
    for block in network.blocks:
        name = f"b{block.name.removeprefix('block')}"
        pairs += _affine(block.conv0, f"{name}.conv0", layouts.kernel_from_oihw)
        pairs += _affine(block.conv1, f"{name}.conv1", layouts.kernel_from_oihw)
        if block.residual:
            pairs.append(Pair(block.skip.kernel, f"{name}.skip.weight", layouts.kernel_from_oihw))
    pairs += _affine(network.conv, "b4.conv", layouts.kernel_from_oihw)
    pairs += _affine(network.dense0, "b4.fc", layouts.rows_from_chw)
    return pairs + _affine(network.dense1, "b4.out")


def _mapping(layer: keras.layers.Layer) -> list[Pair]:
    pairs = _affine(layer.embedding, "mapping.embed") if layer.label_size else []
    for index, dense in enumerate(layer.dense):
        pairs += _affine(dense, f"mapping.fc{index}")
    return pairs


def _affine(
    layer: keras.layers.Layer,
    name: str,
    convert: Callable[[np.ndarray], np.ndarray] = np.transpose,
) -> list[Pair]:
    return [Pair(layer.kernel, f"{name}.weight", convert), Pair(layer.bias, f"{name}.bias")]
