"""Numbers that the published StyleGAN2-ADA networks produced, and networks with their weights.

The arrays are NCHW and have the names of the published PyTorch code. `vectors.py` says where they
come from: weights and inputs are exact, of large results some entries may be known only.
"""

import functools
import json
import re

import numpy as np

import published
import stylegan_tf as sg
import vectors

TOLERANCE = 2e-5  # of an array's largest value; twice float32 against float64 is 4e-6
# Parts of the networks with labels: the generator up to 8×8, the last block of the discriminator
# with its mapping network, and the one before.
PARTS = {
    "g_skip8": (
        "g_skip_c3_r32_map8",
        r"w/(mapping|synthesis\.b[48])\.|in/[zc]$|out/(w|w_psi0.7|rgb/[48])$|mid/.*affine$|kwargs",
    ),
    "d_head": (
        "d_resnet_c3_r32",
        r"w/(b4|mapping)\.|in/c$|mid/(mapping$|b4\.mbstd)|out/logits_b8$",
    ),
    "d_block": ("d_resnet_c3_r32", r"w/b8\.|mid/(b16/x|b8)"),
}


@functools.cache
def arrays(name: str) -> dict[str, np.ndarray]:
    """All arrays of a set by name, or of one of `PARTS`."""
    if name not in PARTS:
        return vectors.read(name)
    source, pattern = PARTS[name]
    result = {key: value for key, value in vectors.read(source).items() if re.match(pattern, key)}
    if name == "g_skip8":
        kwargs = json.loads(str(result["kwargs"]))
        result["kwargs"] = np.array(json.dumps({**kwargs, "img_resolution": 8}))
    return result


@functools.cache
def generator(name: str, **arguments) -> sg.StyleGAN2Generator:
    """The generator of a set."""
    stored = arrays(name)
    network = new_generator(stored["kwargs"], **arguments)
    assign_all(generator_pairs(network), stored)
    return network


@functools.cache
def discriminator(name: str, **arguments) -> sg.StyleGAN2Discriminator:
    """The discriminator of a set."""
    stored = arrays(name)
    network = new_discriminator(stored["kwargs"], **arguments)
    assign_all(discriminator_pairs(network), stored)
    return network


@functools.cache
def generator_of_loss() -> sg.StyleGAN2Generator:
    """The generator of the set "loss", 32×32 with three labels."""
    stored = arrays("loss")
    network = new_generator(stored["G_kwargs"])
    assign_all(generator_pairs(network), stored, "G/")
    return network


def new_generator(kwargs, **arguments) -> sg.StyleGAN2Generator:
    """A generator with the published arguments, JSON in an array, and others of ours."""
    published = json.loads(str(kwargs))
    synthesis = published["synthesis_kwargs"]
    return sg.StyleGAN2Generator(
        resolution=published["img_resolution"],
        channels=published["img_channels"],
        label_size=published["c_dim"],
        latent_size=published["z_dim"],
        w_size=published["w_dim"],
        fmap_base=synthesis["channel_base"] // 2,
        fmap_max=synthesis["channel_max"],
        mapping_layers=published["mapping_kwargs"]["num_layers"],
        mapping_units=published["w_dim"],
        **{"architecture": "stylegan2-" + synthesis["architecture"], **arguments},
    )


def new_discriminator(kwargs, **arguments) -> sg.StyleGAN2Discriminator:
    """A discriminator with the published arguments, JSON in an array, and others of ours."""
    published = json.loads(str(kwargs))
    epilogue = published["epilogue_kwargs"]
    return sg.StyleGAN2Discriminator(
        resolution=published["img_resolution"],
        channels=published["img_channels"],
        label_size=published["c_dim"],
        fmap_base=published["channel_base"] // 2,
        fmap_max=published["channel_max"],
        mbstd_group_size=epilogue["mbstd_group_size"],
        mbstd_num_features=epilogue["mbstd_num_channels"],
        mapping_layers=published["mapping_kwargs"]["num_layers"],
        **{"architecture": "stylegan2-" + published["architecture"], **arguments},
    )


def assign_all(pairs, stored, prefix="w/") -> None:
    """Sets every weight from the published array of its name, of which none is left over."""
    names = {name for name in stored if name.startswith(prefix)}
    assert {prefix + name for _, name, _ in pairs} == names
    for weight, name, layout in pairs:
        weight.assign(layout(stored[prefix + name]))


def generator_pairs(network):
    """(our weight, published name, how to get one from the other) of each weight."""
    synthesis = network.synthesis
    pairs = [(network.w_avg, "mapping.w_avg", same)]
    pairs += mapping_pairs(network.mapping, "mapping")
    pairs.append((synthesis.constant.constant, "synthesis.b4.const", constant))
    for index, layer in enumerate(synthesis.synthesis_layers):
        number, size = (index + 1) % 2, 4 << (index + 1) // 2
        name = f"synthesis.b{size}.conv{number}"
        pairs.append((layer.conv.kernel, f"{name}.weight", kernel if number else rotated))
        pairs += affine_pairs(layer.conv.affine, f"{name}.affine")
        pairs.append((layer.bias, f"{name}.bias", same))
        pairs.append((layer.noise.strength, f"{name}.noise_strength", same))
        pairs.append((layer.noise.constant, f"{name}.noise_const", lambda x: x[None, :, :, None]))
    for layer in synthesis.to_rgb:
        name = f"synthesis.b{layer.name.removeprefix('to_rgb')}.torgb"
        pairs += [(layer.kernel, f"{name}.weight", kernel), (layer.bias, f"{name}.bias", same)]
        pairs += affine_pairs(layer.affine, f"{name}.affine")
    for layer in synthesis.skips:
        name = f"synthesis.b{layer.name.removeprefix('skip')}.skip"
        pairs.append((layer.kernel, f"{name}.weight", kernel))
    return pairs


def discriminator_pairs(network):
    """The same of a discriminator."""
    pairs = mapping_pairs(network.mapping, "mapping") if network.label_size else []
    for layer in network.from_rgb:
        pairs += conv_pairs(layer, f"b{layer.name.removeprefix('from_rgb')}.fromrgb")
    for block in network.blocks:
        pairs += block_pairs(block, "b" + block.name.removeprefix("block"))
    pairs += conv_pairs(network.conv, "b4.conv")
    pairs += [
        (network.dense0.kernel, "b4.fc.weight", rows),
        (network.dense0.bias, "b4.fc.bias", same),
    ]
    return pairs + affine_pairs(network.dense1, "b4.out")


def block_pairs(block, name):
    pairs = conv_pairs(block.conv0, f"{name}.conv0") + conv_pairs(block.conv1, f"{name}.conv1")
    if block.residual:
        pairs.append((block.skip.kernel, f"{name}.skip.weight", kernel))
    return pairs


def mapping_pairs(mapping, name):
    pairs = affine_pairs(mapping.embedding, f"{name}.embed") if mapping.label_size else []
    for index, layer in enumerate(mapping.dense):
        pairs += affine_pairs(layer, f"{name}.fc{index}")
    return pairs


def affine_pairs(layer, name):
    return [(layer.kernel, f"{name}.weight", np.transpose), (layer.bias, f"{name}.bias", same)]


def conv_pairs(layer, name):
    return [(layer.kernel, f"{name}.weight", kernel), (layer.bias, f"{name}.bias", same)]


def same(array):
    return array


def kernel(array):
    """[D, C, k, k] → [k, k, C, D]."""
    return array.transpose(2, 3, 1, 0)


def rotated(array):
    """The same of a layer that upsamples: the published one convolves, ours correlates."""
    return kernel(array)[::-1, ::-1]


def constant(array):
    """[C, 4, 4] → [1, 4, 4, C]."""
    return array.transpose(1, 2, 0)[None]


def rows(array):
    """[D, C·4·4] → [4·4·C, D]."""
    return kernel(array.reshape(len(array), -1, 4, 4)).reshape(-1, len(array))


def nhwc(images):
    return images.transpose(0, 2, 3, 1)


def nchw(images):
    return np.asarray(images).transpose(0, 3, 1, 2)


def assert_matches(actual, expected, tolerance=TOLERANCE):
    """Every number that is known is within `tolerance` of the array's largest value."""
    published.assert_matches(actual, expected, tolerance)
