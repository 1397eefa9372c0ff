"""From the network objects that StyleGAN2 and StyleGAN2-ADA for TensorFlow store.

A weight gets the name and the layout that it has in the PyTorch code: [out, in] rather than
[in, out], styles with their bias of 1 included, and kernels that ran on an upsampled image rotated
by 180°, since that code convolves there.
"""

import re
from collections.abc import Callable

import numpy as np

from stylegan_tf.importing import arguments as stylegan1
from stylegan_tf.importing.records import StoredNetwork
from stylegan_tf.importing.stylegan2 import shapes
from stylegan_tf.importing.stylegan2.arguments import FILTER, Known, checked
from stylegan_tf.importing.stylegan2.description import (
    DiscriminatorArguments,
    GeneratorArguments,
    Stored,
)
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

VERSIONS = (4, 5)
ADA = 5  # the version of StyleGAN2-ADA's files
SIZES = {
    "resolution": Known("resolution", "a power of two from 4 to 1024"),
    "num_channels": Known("channels", "1, 3 or 4"),
    "label_size": Known("label_size", "a whole number", 0),
    "fmap_base": Known("fmap_base", "a size", 16384),
    "fmap_max": Known("channel_max", "a size", 512),
    "conv_clamp": Known("conv_clamp", "a positive number or None", None),
    "mapping_fmaps": Known("mapping_units", "a size or None", None),
    "label_fmaps": Known("embedding_units", "a size or None", None),
}
GENERATOR = {
    **SIZES,
    "latent_size": Known("latent_size", "a size", 512),
    "dlatent_size": Known("w_size", "a size", 512),
    "architecture": Known("architecture", "orig, skip or resnet", "skip"),
    "mapping_layers": Known("mapping_layers", "a size", 8),
    "mapping_lrmul": Known("mapping_lr_multiplier", "a positive number", 0.01),
}
DISCRIMINATOR = {
    **SIZES,
    "architecture": Known("architecture", "orig, skip or resnet", "resnet"),
    "mapping_layers": Known("mapping_layers", "a whole number", 0),
    "mapping_lrmul": Known("mapping_lr_multiplier", "a positive number", 0.1),
    "mbstd_num_features": Known("mbstd_num_features", "a size", 1),
}
GROUP_SIZES = {4: 4, ADA: None}  # by version, where a file does not say; None is the whole batch
FIXED = {
    "fmap_decay": 1,
    "fmap_min": 1,
    "nonlinearity": "lrelu",
    "mapping_nonlinearity": "lrelu",
    "resample_kernel": FILTER,
    "use_noise": True,
    "normalize_latents": True,
}
# They concern precision, speed, training or sampling, not what a network computes.
ELSEWHERE = stylegan1.ELSEWHERE | {"num_fp16_res", "freeze_layers", "fused_modconv"}
# What a layer is called there and in the PyTorch code.
GENERATOR_LAYERS = {
    "Conv": "conv1",  # at 4×4
    "Conv0_up": "conv0",
    "Conv1": "conv1",
    "ToRGB": "torgb",
    "Skip": "skip",
}
DISCRIMINATOR_LAYERS = {
    "FromRGB": "fromrgb",
    "Conv0": "conv0",
    "Conv1_down": "conv1",
    "Skip": "skip",
    "Conv": "conv",  # these at 4×4
    "Dense0": "fc",
}
VARIABLES = {
    "weight": "weight",
    "bias": "bias",
    "mod_weight": "affine.weight",
    "mod_bias": "affine.bias",
    "noise_strength": "noise_strength",
}
DENSE = re.compile(r"(LabelEmbed|Dense(\d+)|Mapping(\d+)|Output)/(weight|bias)")
LAYER = re.compile(r"(\d+)x\1/(\w+)/(\w+)")
NOISE = re.compile(r"noise(\d\d?)")
Layout = Callable[[np.ndarray], np.ndarray]


def generator(network: StoredNetwork) -> Stored[GeneratorArguments]:
    """Returns a stored generator.

    Raises:
        UnsupportedCheckpointError: if an argument is not known, or variables do not fit them.
    """
    given = checked(network.arguments.items(), GENERATOR, FIXED, ELSEWHERE)
    _refuse_old_labels(network, given["label_size"])
    units = _units(network, given, "mapping/LabelEmbed", "mapping/Dense", given["w_size"])
    given |= {"channel_base": 2 * given.pop("fmap_base"), **units}
    variables = {key: value for key, value in network.variables.items() if key != "lod"}
    arrays = _translated(variables, _in_generator)
    stored = shapes.fitted(GeneratorArguments(**given), arrays, network.elements)
    return Stored(stored.arguments, {key: _style(key, value) for key, value in arrays.items()})


def discriminator(network: StoredNetwork) -> Stored[DiscriminatorArguments]:
    """Returns a stored discriminator.

    Raises:
        UnsupportedCheckpointError: if an argument is not known, or variables do not fit them.
    """
    group_size = Known("mbstd_group_size", "a size or None", GROUP_SIZES[network.version])
    known = {**DISCRIMINATOR, "mbstd_group_size": group_size}
    given = checked(network.arguments.items(), known, FIXED, ELSEWHERE)
    _refuse_old_labels(network, given["label_size"])
    given["channel_base"] = 2 * given.pop("fmap_base")
    last = min(given["channel_base"] // 4, given["channel_max"])
    given |= _units(network, given, "LabelEmbed", "Mapping", last)
    arrays = _translated(network.variables, _in_discriminator)
    return shapes.fitted(DiscriminatorArguments(**given), arrays, network.elements)


def _refuse_old_labels(network: StoredNetwork, label_size: int) -> None:
    if label_size and network.version < ADA:
        raise UnsupportedCheckpointError(
            f"it is a StyleGAN2 of {label_size} label(s) from before StyleGAN2-ADA, whose "
            "discriminator gives a logit for each of them; networks here are conditioned otherwise"
        )


def _units(
    network: StoredNetwork, given: dict[str, int], embedding: str, dense: str, default: int
) -> dict[str, int]:
    """The widths of a mapping network; where a file does not say, its weights do."""

    def stored(name: str) -> int:
        weight = network.variables.get(f"{name}/weight", np.zeros([]))
        return (weight.shape[1] if weight.ndim == 2 else 0) or default

    return {
        "mapping_units": given["mapping_units"] or stored(f"{dense}0"),
        "embedding_units": given["embedding_units"] or stored(embedding),
    }


def _translated(
    variables: dict[str, np.ndarray], translate: Callable[[str], tuple[str, Layout] | None]
) -> dict[str, np.ndarray]:
    """Gives variables their other names and layouts, as views; unknown ones keep theirs."""
    result = {}
    for name, value in variables.items():
        other, layout = translate(name) or (name, _unchanged)
        result[other] = layout(value)
    return result


def _in_generator(name: str) -> tuple[str, Layout] | None:
    part, _, rest = name.partition("/")
    if name == "dlatent_avg":
        return "mapping.w_avg", _unchanged
    if part == "mapping":
        return _dense(rest, "Dense")
    if rest == "4x4/Const/const":
        return "synthesis.b4.const", _without_batch
    if noise := NOISE.fullmatch(rest):
        layer = int(noise[1]) + 1  # of a pair at each resolution, but for 4×4
        return f"synthesis.b{4 << layer // 2}.conv{layer % 2}.noise_const", _image
    return _layer(rest, GENERATOR_LAYERS, "synthesis.")


def _in_discriminator(name: str) -> tuple[str, Layout] | None:
    return _dense(name, "Mapping") or _layer(name, DISCRIMINATOR_LAYERS, "")


def _dense(name: str, hidden: str) -> tuple[str, Layout] | None:
    """A layer of a mapping network, or the last one of D; `hidden`: what its layers are called."""
    match = DENSE.fullmatch(name)
    if match is None:
        return None
    layer, index = match[1], match[2] or match[3]
    if layer == f"{hidden}{index}":
        return f"mapping.fc{index}.{match[4]}", np.transpose
    known = {"LabelEmbed": "mapping.embed", "Output": "b4.out"}
    return (f"{known[layer]}.{match[4]}", np.transpose) if layer in known else None


def _layer(name: str, layers: dict[str, str], prefix: str) -> tuple[str, Layout] | None:
    match = LAYER.fullmatch(name)
    if match is None or match[2] not in layers or match[3] not in VARIABLES:
        return None
    layer = layers[match[2]]
    layout: Layout = np.transpose
    if match[3] == "weight" and layer != "fc":
        layout = _rotated_kernel if match[2] == "Conv0_up" else _kernel
    return f"{prefix}b{match[1]}.{layer}.{VARIABLES[match[3]]}", layout


# Layouts, as views. An array of other axes stays as it is: its shape will not fit.


def _unchanged(value: np.ndarray) -> np.ndarray:
    return value


def _kernel(value: np.ndarray) -> np.ndarray:
    """[h, w, in, out] → [out, in, h, w]."""
    return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value


def _rotated_kernel(value: np.ndarray) -> np.ndarray:
    return _kernel(value[::-1, ::-1]) if value.ndim == 4 else value


def _without_batch(value: np.ndarray) -> np.ndarray:
    """[1, C, h, w] → [C, h, w]."""
    return value[0] if value.ndim == 4 and len(value) == 1 else value


def _image(value: np.ndarray) -> np.ndarray:
    """[1, 1, h, w] → [h, w]."""
    return value[0, 0] if value.ndim == 4 and value.shape[:2] == (1, 1) else value


def _style(name: str, value: np.ndarray) -> np.ndarray:
    """A bias of styles without the 1 that this code adds when it runs."""
    return value + np.float32(1) if name.endswith(".affine.bias") else value
