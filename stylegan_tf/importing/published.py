"""Puts variables of the published StyleGAN and Progressive GAN networks into ours.

Published weights are stored for NCHW. Convolutions that ran fused with resampling are stored
flipped: an up-convolution since a transposed convolution convolves where a convolution correlates.
"""

import numpy as np

from stylegan_tf.stack import tf_variable


def assign_generator(generator, variables: dict[str, np.ndarray], flip_up: bool = False) -> None:
    """Sets every weight of a `Generator` from published variables.

    Args:
        generator: a `Generator` of the same sizes.
        variables: arrays by published name, such as "G_synthesis/4x4/Const/bias"; for Progressive
            GAN "4x4/Dense/bias".
        flip_up: True for up-convolutions stored by a fused layer.

    Raises:
        KeyError: if a variable is missing.
        ValueError: if one has the wrong shape.
    """
    prefix = "G_synthesis/" if any(name.startswith("G_synthesis/") for name in variables) else ""
    synthesis = generator.synthesis
    for index, layer in enumerate(synthesis.synthesis_layers):
        _assign_layer(layer, variables, prefix, index, flip_up)
    top = len(synthesis.to_rgb) - 1
    for level, layer in enumerate(synthesis.to_rgb):
        _assign_affine(layer, variables, f"{prefix}ToRGB_lod{top - level}")
    for index, layer in enumerate(generator.mapping.dense):
        _assign_affine(layer, variables, f"G_mapping/Dense{index}")
    if generator.label_size:
        _assign(generator.mapping.embedding.kernel, variables["G_mapping/LabelConcat/weight"])
    if "dlatent_avg" in variables:
        _assign(generator.w_avg, variables["dlatent_avg"])


def assign_discriminator(discriminator, variables: dict[str, np.ndarray]) -> None:
    """Sets every weight of a `Discriminator` from published variables.

    Raises:
        KeyError: if a variable is missing.
        ValueError: if one has the wrong shape.
    """
    top = len(discriminator.from_rgb) - 1
    for level, layer in enumerate(discriminator.from_rgb):
        _assign_affine(layer, variables, f"FromRGB_lod{top - level}")
    for level, block in enumerate(discriminator.blocks, start=3):
        size = 2**level
        _assign_affine(block.conv0, variables, f"{size}x{size}/Conv0")
        _assign_affine(block.conv1, variables, f"{size}x{size}/Conv1_down")
    _assign_affine(discriminator.conv, variables, "4x4/Conv")
    weight = variables["4x4/Dense0/weight"]
    _assign(discriminator.dense0.kernel, _rows_to_nhwc(weight))
    _assign(discriminator.dense0.bias, variables["4x4/Dense0/bias"])
    _assign_affine(discriminator.dense1, variables, "4x4/Dense1")


def _layer_name(layer, index: int, prefix: str) -> str:
    """The published scope of a synthesis layer, such as "G_synthesis/8x8/Conv0_up"."""
    size = 4 << (index // 2)
    scope = f"{prefix}{size}x{size}/"
    if index == 0:
        return scope + ("Const" if layer.source == "constant" else "Dense")
    if index == 1:
        return scope + "Conv"
    return scope + ("Conv1" if index % 2 else "Conv0_up")


def _assign_layer(layer, variables, prefix: str, index: int, flip_up: bool) -> None:
    name = _layer_name(layer, index, prefix)
    _assign(layer.bias, variables[f"{name}/bias"])
    source = layer.source_layer
    if layer.source == "constant":
        _assign(source.constant, np.transpose(variables[f"{name}/const"], [0, 2, 3, 1]))
    elif layer.source == "dense":
        _assign(source.dense.kernel, _columns_to_nhwc(variables[f"{name}/weight"]))
    else:
        weight = variables[f"{name}/weight"]
        _assign(source.kernel, weight[::-1, ::-1] if flip_up and layer.source == "up" else weight)
    if layer.use_noise:
        _assign(layer.noise.strength, variables[f"{name}/Noise/weight"])
        stored = variables[f"{prefix}noise{index}"]
        _assign(layer.noise.constant, np.transpose(stored, [0, 2, 3, 1]))
    if layer.use_styles:
        _assign(layer.adain.affine.kernel, variables[f"{name}/StyleMod/weight"])
        _assign(layer.adain.affine.bias, variables[f"{name}/StyleMod/bias"])


def _assign_affine(layer, variables, name: str) -> None:
    _assign(layer.kernel, variables[f"{name}/weight"])
    _assign(layer.bias, variables[f"{name}/bias"])


def _columns_to_nhwc(weight):
    """[in, C·4·4] → [in, 4·4·C]."""
    rows = weight.shape[0]
    return np.transpose(weight.reshape(rows, -1, 4, 4), [0, 2, 3, 1]).reshape(rows, -1)


def _rows_to_nhwc(weight):
    """[C·4·4, out] → [4·4·C, out]."""
    columns = weight.shape[1]
    return np.transpose(weight.reshape(-1, 4, 4, columns), [1, 2, 0, 3]).reshape(-1, columns)


def _assign(variable, value: np.ndarray) -> None:
    tf_variable(variable).assign(np.ascontiguousarray(value))
