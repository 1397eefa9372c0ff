"""Makes tests/data/stylegan2.npz of reference vectors of StyleGAN2-ADA, a folder given as argument.

Of the whole sets it takes what small networks need, float32 as they are:
- `g_skip8`: the generator with labels up to 8×8: weights, z, labels, w, styles and the images after
  its two blocks.
- `d_head`: the last block of the discriminator with labels and its mapping network: what goes into
  it and the logits of 8 images.
- `d_block`: a residual block of that discriminator, what goes into it and what comes out.
- `g_resnet16`, `d_orig16`: the networks of the small StyleGAN2 pickle, under the names and in the
  layout of PyTorch, with images and logits.

tests/support/vectors2.py reads the file.
"""

import json
import re
import sys
from pathlib import Path

import numpy as np

from stylegan_tf.importing.nvidia import read_networks
from stylegan_tf.unpickling.arrays import array_of

OUT = Path(__file__).resolve().parents[1] / "tests" / "data" / "stylegan2.npz"
GENERATOR = r"w/(mapping|synthesis\.b[48])\.|in/[zc]$|out/(w|w_psi0.7|rgb/[48])$|mid/.*affine$"
HEAD = r"w/(b4|mapping)\.|in/c$|mid/(mapping$|b4\.mbstd)|out/logits_b8$"
BLOCK = r"w/b8\.|mid/(b16/x|b8)"
PICKLE = "tf-stylegan2-resnetG-origD"
LAYERS = {"Conv0_up": "conv0", "Conv0": "conv0", "Conv1": "conv1", "Conv1_down": "conv1"}
LAYERS |= {"Conv": "conv1", "ToRGB": "torgb", "FromRGB": "fromrgb", "Skip": "skip"}
DENSE = {"Dense0": "fc", "Output": "out"}


def main(folder: Path) -> None:
    """Writes the file."""
    arrays = {}
    for name, source, pattern in (
        ("g_skip8", "g_skip_c3_r32_map8", GENERATOR),
        ("d_head", "d_resnet_c3_r32", HEAD),
        ("d_block", "d_resnet_c3_r32", BLOCK),
    ):
        with np.load(folder / f"{source}.npz") as stored:
            kept = {key: stored[key] for key in stored.files if re.match(pattern, key)}
            kwargs = json.loads(str(stored["kwargs"]))
        arrays |= {f"{name}/{key}": array for key, array in kept.items()}
        if name == "g_skip8":
            arrays[f"{name}/kwargs"] = as_text({**kwargs, "img_resolution": 8})
    arrays |= of_pickle(folder)
    np.savez_compressed(OUT, **arrays)


def as_text(kwargs: dict) -> np.ndarray:
    """Constructor arguments as they are kept."""
    return np.array(json.dumps(kwargs))


def of_pickle(folder: Path) -> dict[str, np.ndarray]:
    """The averaged generator and the discriminator of the pickle."""
    _, d, ema = map(Stored, read_networks(folder / f"{PICKLE}.proto4.pkl"))
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
    return {
        **{f"g_resnet16/{key}": array for key, array in generator.items()},
        **{f"d_orig16/{key}": array for key, array in discriminator.items()},
    }


class Stored:
    """The arguments and the variables of a network and its parts."""

    def __init__(self, record):
        parts = [record.state, *(part.state for part in record.state["components"].values())]
        self.arguments, self.variables = {}, {}
        for part, prefix in zip(parts, ["", *record.state["components"]], strict=True):
            self.arguments |= part["static_kwargs"]
            for name, value in part["variables"]:
                self.variables[f"{prefix}/{name}".lstrip("/")] = array_of(value)


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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
