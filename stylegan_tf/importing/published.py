"""Which weight of ours is which variable of the published StyleGAN and Progressive GAN networks.

Published weights are stored for NCHW. Up-convolutions that ran fused with resampling are stored
flipped, since a transposed convolution convolves where a convolution correlates.
"""

from collections.abc import Callable

import keras
import numpy as np

from stylegan_tf.importing import layouts
from stylegan_tf.importing.matching import Pair, assign
from stylegan_tf.models import Discriminator, Generator


def assign_generator(
    generator: Generator, variables: dict[str, np.ndarray], fused_from: int | None = None
) -> None:
    """Sets every weight of a `Generator` from published variables.

    Args:
        generator: a `Generator` of the same sizes.
        variables: dict of arrays by published name, such as "G_synthesis/4x4/Const/bias"; for
            Progressive GAN "4x4/Dense/bias".
        fused_from: int, the output resolution from which on up-convolutions were stored by a fused
            layer; None for nowhere.

    Raises:
        UnsupportedCheckpointError: if a variable is missing or has the wrong shape; then none is
            set.
    """
    styled = any(name.startswith("G_synthesis/") for name in variables)
    prefix = "G_synthesis/" if styled else ""
    assign(generator_pairs(generator, prefix, fused_from), variables)


def assign_discriminator(discriminator: Discriminator, variables: dict[str, np.ndarray]) -> None:
    """Sets every weight of a `Discriminator` from published variables.

    Raises:
        UnsupportedCheckpointError: if a variable is missing or has the wrong shape; then none is
            set.
    """
    assign(discriminator_pairs(discriminator), variables)


def generator_pairs(generator: Generator, prefix: str, fused_from: int | None = None) -> list[Pair]:
    """Returns every weight of a generator with its published name.

    Args:
        generator: a `Generator`.
        prefix: of the published names of the synthesis network.
        fused_from: as in `assign_generator`.
    """
    synthesis, mapping = generator.synthesis, generator.mapping
    pairs = []
    for index, layer in enumerate(synthesis.synthesis_layers):
        pairs += _layer_pairs(layer, prefix, index, fused_from)
    top = len(synthesis.to_rgb) - 1
    for level, layer in enumerate(synthesis.to_rgb):
        pairs += _affine(layer, f"{prefix}ToRGB_lod{top - level}")
    for index, layer in enumerate(mapping.dense):
        pairs += _affine(layer, f"G_mapping/Dense{index}")
    if generator.label_size:
        pairs.append(Pair(mapping.embedding.kernel, "G_mapping/LabelConcat/weight"))
    pairs.append(Pair(generator.w_avg, "dlatent_avg", optional=True))
    return pairs


def discriminator_pairs(discriminator: Discriminator) -> list[Pair]:
    """Returns every weight of a discriminator with its published name."""
    pairs = []
    top = len(discriminator.from_rgb) - 1
    for level, layer in enumerate(discriminator.from_rgb):
        pairs += _affine(layer, f"FromRGB_lod{top - level}")
    for level, block in enumerate(discriminator.blocks, start=3):
        scope = f"{2**level}x{2**level}"
        pairs += _affine(block.conv0, f"{scope}/Conv0")
        pairs += _affine(block.conv1, f"{scope}/Conv1_down")
    pairs += _affine(discriminator.conv, "4x4/Conv")
    pairs += _affine(discriminator.dense0, "4x4/Dense0", layouts.rows_to_nhwc)
    pairs += _affine(discriminator.dense1, "4x4/Dense1")
    return pairs


def _layer_name(layer: keras.layers.Layer, index: int, prefix: str) -> str:
    """The published scope of a synthesis layer, such as "G_synthesis/8x8/Conv0_up"."""
    size = 4 << (index // 2)
    scope = f"{prefix}{size}x{size}/"
    if index == 0:
        return scope + ("Const" if layer.source == "constant" else "Dense")
    if index == 1:
        return scope + "Conv"
    return scope + ("Conv1" if index % 2 else "Conv0_up")


def _layer_pairs(
    layer: keras.layers.Layer, prefix: str, index: int, fused_from: int | None
) -> list[Pair]:
    name = _layer_name(layer, index, prefix)
    pairs = [Pair(layer.bias, f"{name}/bias"), _source_pair(layer, name, index, fused_from)]
    if layer.use_noise:
        pairs.append(Pair(layer.noise.strength, f"{name}/Noise/weight"))
        pairs.append(Pair(layer.noise.constant, f"{prefix}noise{index}", layouts.to_nhwc))
    if layer.use_styles:
        pairs += _affine(layer.adain.affine, f"{name}/StyleMod")
    return pairs


def _source_pair(layer: keras.layers.Layer, name: str, index: int, fused_from: int | None) -> Pair:
    """The constant, the dense layer or the convolution that a synthesis layer begins with."""
    source = layer.source_layer
    if layer.source == "constant":
        return Pair(source.constant, f"{name}/const", layouts.to_nhwc)
    if layer.source == "dense":
        return _kernel(source.dense, name, layouts.columns_to_nhwc)
    fused = fused_from is not None and layer.source == "up" and 4 << (index // 2) >= fused_from
    return _kernel(source, name, layouts.flipped if fused else layouts.unchanged)


def _affine(
    layer: keras.layers.Layer,
    name: str,
    convert: Callable[[np.ndarray], np.ndarray] = layouts.unchanged,
) -> list[Pair]:
    return [_kernel(layer, name, convert), Pair(layer.bias, f"{name}/bias")]


def _kernel(
    layer: keras.layers.Layer, name: str, convert: Callable[[np.ndarray], np.ndarray]
) -> Pair:
    """The weight of an equalized layer."""
    scale = layer.scale / getattr(layer, "lr_multiplier", 1.0)
    return Pair(layer.kernel, f"{name}/weight", convert, scale=scale)
