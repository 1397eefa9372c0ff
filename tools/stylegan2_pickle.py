"""The averaged generator and the discriminator of a small StyleGAN2 pickle of TensorFlow.

They have the names and the layout of PyTorch, by rules that are written down here once more.
"""

import json
import re
from pathlib import Path

import numpy as np

from stylegan_tf.importing.nvidia import NETWORK_NAMES
from stylegan_tf.importing.records import StoredNetwork
from stylegan_tf.unpickling import network_files

PICKLE = "tf-stylegan2-resnetG-origD"
LAYERS = {"Conv0_up": "conv0", "Conv0": "conv0", "Conv1": "conv1", "Conv1_down": "conv1"}
LAYERS |= {"Conv": "conv1", "ToRGB": "torgb", "FromRGB": "fromrgb", "Skip": "skip"}
DENSE = {"Dense0": "fc", "Output": "out"}


def as_text(kwargs: dict) -> np.ndarray:
    """Constructor arguments as they are kept."""
    return np.array(json.dumps(kwargs))


def networks(folder: Path) -> dict[str, dict[str, np.ndarray]]:
    """The arrays of both: `g_resnet16`, `d_orig16`."""
    content = network_files.read(folder / f"{PICKLE}.proto4.pkl", NETWORK_NAMES, set())
    _, d, ema = map(StoredNetwork, content)
    with np.load(folder / "pickles.npz") as file:
        results = {key: file[key] for key in file.files}
    prefix = f"{PICKLE}/out"
    generator = {
        "kwargs": as_text(generator_arguments(ema.arguments)),
        "in/z": results["in/z"],
        "out/img_const": results[f"{prefix}/G_ema/img_const"],
        "out/img_psi0.5_none": results[f"{prefix}/G_ema/img_psi0.5_none"],
        **weights(ema.variables, is_generator=True),
    }
    discriminator = {
        "kwargs": as_text(discriminator_arguments(d.arguments)),
        "in/img": results["in/img"][:, :, :16, :16],
        "out/logits_b4": results[f"{prefix}/D/logits"],
        **weights(d.variables, is_generator=False),
    }
    return {"g_resnet16": generator, "d_orig16": discriminator}


def generator_arguments(arguments: dict) -> dict:
    """Those of PyTorch's constructor."""
    return {
        "c_dim": arguments["label_size"],
        "img_channels": arguments["num_channels"],
        "img_resolution": arguments["resolution"],
        "mapping_kwargs": {"num_layers": arguments["mapping_layers"]},
        "synthesis_kwargs": sizes(arguments),
        "w_dim": arguments["dlatent_size"],
        "z_dim": arguments["latent_size"],
    }


def discriminator_arguments(arguments: dict) -> dict:
    """Those of PyTorch's constructor."""
    return {
        "c_dim": arguments["label_size"],
        "epilogue_kwargs": {"mbstd_group_size": 4, "mbstd_num_channels": 1},
        "img_channels": arguments["num_channels"],
        "img_resolution": arguments["resolution"],
        "mapping_kwargs": {"num_layers": 8},
        **sizes(arguments),
    }


def sizes(arguments: dict) -> dict:
    """The feature maps of either network."""
    return {
        "architecture": arguments["architecture"],
        "channel_base": 2 * arguments["fmap_base"],
        "channel_max": arguments["fmap_max"],
    }


def weights(variables: dict[str, np.ndarray], is_generator: bool) -> dict[str, np.ndarray]:
    """TensorFlow's variables by the names of PyTorch, and in its layout."""
    result = {}
    for name, value in variables.items():
        for key, array in renamed(name, np.asarray(value), is_generator):
            result[f"w/{key}"] = np.array(array, order="C")
    return result


def renamed(name: str, value: np.ndarray, is_generator: bool):
    """Yields the published name and array, of what is no weight nothing."""
    *_, layer, kind = ["", *name.split("/")]
    if name == "dlatent_avg":
        yield "mapping.w_avg", value
    elif match := re.fullmatch(r"mapping/Dense(\d+)/(weight|bias)", name):
        yield f"mapping.fc{match[1]}.{kind}", value.T
    elif match := re.fullmatch(r"synthesis/noise(\d+)", name):
        index = int(match[1])
        side = 4 << (index + 1) // 2
        yield f"synthesis.b{side}.conv{(index + 1) % 2}.noise_const", value[0, 0]
    elif kind == "const":
        yield "synthesis.b4.const", value[0]
    elif match := re.search(r"(\d+)x\d+/", name):
        block = f"synthesis.b{match[1]}" if is_generator else f"b{match[1]}"
        yield from of_layer(block, layer, kind, value, is_generator)
    elif layer == "Output":
        yield f"b4.out.{kind}", value.T


def of_layer(block: str, layer: str, kind: str, value: np.ndarray, is_generator: bool):
    if layer in DENSE:
        yield f"{block}.{DENSE[layer]}.{kind}", value.T
        return
    known = "conv" if layer == "Conv" and not is_generator else LAYERS[layer]
    if kind == "mod_bias":
        yield f"{block}.{known}.affine.bias", value + 1
    elif kind == "mod_weight":
        yield f"{block}.{known}.affine.weight", value.T
    elif kind == "weight":
        flips = is_generator and layer in ("Conv0_up", "Skip")
        kernel = value[::-1, ::-1] if flips else value
        yield f"{block}.{known}.weight", kernel.transpose(3, 2, 0, 1)
    else:
        yield f"{block}.{known}.{kind}", value
