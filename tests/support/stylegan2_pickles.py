"""Writes network pickles as StyleGAN2's code in PyTorch and TensorFlow does, without either.

The functions that such files name need not be there: only their names are written. The networks
are of 8×8 pixels, 4 feature maps at 4×4 and 2 at 8×8, and random.
"""

import io
import pickle
from collections import OrderedDict

import numpy as np

import nvidia_pickles
import torch_pickles

SOURCE = "raise SystemExit('this must never run')"
MAPS = {4: 4, 8: 2}
LATENT, W, LABELS = 3, 5, 2


class Name:
    """A function that a file names."""

    def __init__(self, module: str, name: str):
        self.module, self.name = module, name

    def __call__(self):
        """Never called; the pickler wants something that could be."""


class Call:
    """Pickles as a call of a name."""

    def __init__(self, function: Name, *arguments):
        self.reduced = function, arguments

    def __reduce__(self):
        return self.reduced


RECONSTRUCT = Name("torch_utils.persistence", "_reconstruct_persistent_obj")
PARAMETER = Name("torch._utils", "_rebuild_parameter")
TENSOR = Name("torch._utils", "_rebuild_tensor_v2")
LOAD = Name("torch.storage", "_load_from_bytes")


def dumped(value, protocol: int = 4) -> bytes:
    """A pickle, whose names are not looked up."""
    data = io.BytesIO()
    pickler = pickle._Pickler(data, protocol)
    pickler.dispatch = {**pickler.dispatch, Name: _save_name}
    pickler.dump(value)
    return data.getvalue()


def _save_name(pickler, name: Name) -> None:
    nvidia_pickles._write_name(pickler, name.module, name.name, name)


def storage(array: np.ndarray) -> bytes:
    """The numbers of a tensor, in the layout that its pickle has them."""
    pushed = torch_pickles.storage("0", array.dtype.str, array.size)
    pickled = b"\x80\x02" + pushed + b"."
    return torch_pickles.in_a_row(pickled, {"0": array.tobytes()}, [array.itemsize])


def tensor(array: np.ndarray, load=storage) -> Call:
    """An array, by the strides that it has."""
    array = np.asarray(array)
    stride = tuple(step // array.itemsize for step in array.strides)
    flat = np.lib.stride_tricks.as_strided(array, [array.size], [array.itemsize])
    return raw_tensor(load(flat), 0, array.shape, stride)


def raw_tensor(data: bytes, offset, size, stride) -> Call:
    """A tensor whose layout need not fit its numbers."""
    return Call(TENSOR, Call(LOAD, data), offset, size, stride, False, OrderedDict())


def parameter(array: np.ndarray) -> Call:
    """A trainable tensor."""
    return Call(PARAMETER, tensor(array), True, OrderedDict())


def module(class_name: str, parameters=(), buffers=(), modules=(), version=6, **attributes) -> Call:
    """An object that brings its source along."""
    state = {
        "training": False,
        "_parameters": OrderedDict(parameters),
        "_buffers": OrderedDict(buffers),
        "_non_persistent_buffers_set": set(),
        "_forward_hooks": OrderedDict(),
        "_modules": OrderedDict(modules),
        "act_gain": np.float64(2**0.5),
        **attributes,
    }
    meta = {"type": "class", "version": version, "module_src": SOURCE, "class_name": class_name}
    return Call(RECONSTRUCT, {**meta, "state": state})


CLASSES = [  # of the last part of a module's name
    ("synthesis", "SynthesisNetwork"),
    ("mapping", "MappingNetwork"),
    ("affine", "FullyConnectedLayer"),
    ("fc", "FullyConnectedLayer"),
    ("embed", "FullyConnectedLayer"),
    ("out", "FullyConnectedLayer"),
    ("torgb", "ToRGBLayer"),
    ("conv", "SynthesisLayer"),
    ("skip", "Conv2dLayer"),
    ("fromrgb", "Conv2dLayer"),
    ("b", "SynthesisBlock"),
]
BUFFERS = ("resample_filter", "noise_const", "w_avg")


def nested(class_name: str, arrays: dict, name: str = "", **attributes) -> Call:
    """A module of all arrays by full name, submodules by the dots in the names.

    A value that is no array is written as it is.
    """
    own = {key: value for key, value in arrays.items() if "." not in key}
    buffers = {key: tensor(own.pop(key)) for key in BUFFERS if isinstance(own.get(key), np.ndarray)}
    parts = dict.fromkeys(key.split(".")[0] for key in arrays if "." in key)
    for part in parts:
        below = {k[len(part) + 1 :]: v for k, v in arrays.items() if k.startswith(f"{part}.")}
        kind = next((kind for start, kind in CLASSES if part.startswith(start)), class_name)
        parts[part] = nested(kind, below, part)
    parameters = {
        key: parameter(value) if isinstance(value, np.ndarray) else value
        for key, value in own.items()
    }
    return module(class_name, parameters, buffers, parts, **attributes)


def _randomly(shapes: dict, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.standard_normal(shape).astype(np.float32).reshape(shape)
        for name, shape in shapes.items()
    }


def generator_arrays(labels: int = 0, architecture: str = "skip", seed: int = 0) -> dict:
    """The weights of a generator by their published names."""
    shapes = {"mapping.w_avg": (W,), "synthesis.b4.const": (4, 4, 4)}
    if labels:
        shapes |= {"mapping.embed.weight": (W, labels), "mapping.embed.bias": (W,)}
    fan_in = LATENT + (W if labels else 0)
    shapes |= {"mapping.fc0.weight": (W, fan_in), "mapping.fc0.bias": (W,)}
    shapes |= {"mapping.fc1.weight": (W, W), "mapping.fc1.bias": (W,)}
    for layer, before, after in (("b4.conv1", 4, 4), ("b8.conv0", 4, 2), ("b8.conv1", 2, 2)):
        side = int(layer[1])
        shapes |= {
            f"synthesis.{layer}.weight": (after, before, 3, 3),
            f"synthesis.{layer}.bias": (after,),
            f"synthesis.{layer}.affine.weight": (before, W),
            f"synthesis.{layer}.affine.bias": (before,),
            f"synthesis.{layer}.noise_strength": (),
            f"synthesis.{layer}.noise_const": (side, side),
        }
    if architecture == "resnet":
        shapes["synthesis.b8.skip.weight"] = (2, 4, 1, 1)
    for side in (4, 8) if architecture == "skip" else (8,):
        shapes |= {
            f"synthesis.b{side}.torgb.weight": (3, MAPS[side], 1, 1),
            f"synthesis.b{side}.torgb.bias": (3,),
            f"synthesis.b{side}.torgb.affine.weight": (MAPS[side], W),
            f"synthesis.b{side}.torgb.affine.bias": (MAPS[side],),
        }
    return _randomly(shapes, seed)


def discriminator_arrays(labels: int = 0, architecture: str = "resnet", seed: int = 1) -> dict:
    """The weights of a discriminator by their published names; labels have two mapping layers."""
    shapes = {
        "b8.fromrgb.weight": (2, 3, 1, 1),
        "b8.fromrgb.bias": (2,),
        "b8.conv0.weight": (2, 2, 3, 3),
        "b8.conv0.bias": (2,),
        "b8.conv1.weight": (4, 2, 3, 3),
        "b8.conv1.bias": (4,),
        "b4.conv.weight": (4, 5, 3, 3),
        "b4.conv.bias": (4,),
        "b4.fc.weight": (4, 64),
        "b4.fc.bias": (4,),
        "b4.out.weight": (4 if labels else 1, 4),
        "b4.out.bias": (4 if labels else 1,),
    }
    if architecture == "resnet":
        shapes["b8.skip.weight"] = (4, 2, 1, 1)
    if architecture == "skip":
        shapes |= {"b4.fromrgb.weight": (4, 3, 1, 1), "b4.fromrgb.bias": (4,)}
    if labels:
        shapes |= {"mapping.embed.weight": (4, labels), "mapping.embed.bias": (4,)}
        for layer in ("fc0", "fc1"):
            shapes |= {f"mapping.{layer}.weight": (4, 4), f"mapping.{layer}.bias": (4,)}
    return _randomly(shapes, seed)


SYNTHESIS = {"channel_base": 16, "channel_max": 4}
GENERATOR = {
    "z_dim": LATENT,
    "w_dim": W,
    "c_dim": 0,
    "img_resolution": 8,
    "img_channels": 3,
    "mapping_kwargs": {"num_layers": 2},
    "synthesis_kwargs": SYNTHESIS,
}
DISCRIMINATOR = {
    "c_dim": 0,
    "img_resolution": 8,
    "img_channels": 3,
    **SYNTHESIS,
    "mapping_kwargs": {"num_layers": 2},
    "epilogue_kwargs": {"mbstd_group_size": 2},
}


def generator(arguments=GENERATOR, seed: int = 0, labels: int = 0, architecture="skip", **changes):
    """A generator of PyTorch's code; `changes` replace arrays, None removes one."""
    arrays = _changed(generator_arrays(labels, architecture, seed), changes)
    if architecture != "skip":
        arguments = {**arguments, "architecture": architecture}
    if labels:
        arguments = {**arguments, "c_dim": labels}
    return nested("Generator", arrays, _init_args=(), _init_kwargs=arguments)


def discriminator(arguments=DISCRIMINATOR, labels: int = 0, architecture="resnet", **changes):
    """A discriminator of PyTorch's code."""
    arrays = _changed(discriminator_arrays(labels, architecture), changes)
    if architecture != "resnet":
        arguments = {**arguments, "architecture": architecture}
    if labels:
        arguments = {**arguments, "c_dim": labels}
    return nested("Discriminator", arrays, _init_args=(), _init_kwargs=arguments)


def _changed(arrays: dict, changes: dict) -> dict:
    return {key: value for key, value in {**arrays, **changes}.items() if value is not None}


def snapshot(g=None, d=None, ema=None, **others) -> dict:
    """What training in PyTorch writes."""
    return {
        "training_set_kwargs": {"path": "/data/example.zip", "use_labels": False},
        "G": g or generator(),
        "D": d or discriminator(),
        "G_ema": ema or generator(seed=2),
        "augment_pipe": module("AugmentPipe", buffers={"p": tensor(np.float32(0.3))}),
        **others,
    }


# TensorFlow's code: other names, [kh, kw, in, out] and [in, out], and styles from which 1 is taken.

NETWORK = nvidia_pickles.make_class("dnnlib.tflib.network.Network")
LAYERS = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}
D_LAYERS = {"fromrgb": "FromRGB", "conv0": "Conv0", "conv1": "Conv1_down", "skip": "Skip"}
HEAD = {"conv": "4x4/Conv", "fc": "4x4/Dense0", "out": "Output"}
RECORD = {  # arguments of both networks
    "resolution": 8,
    "num_channels": 3,
    "label_size": 0,
    "fmap_base": 8,
    "fmap_max": 4,
}
LATENTS = {"latent_size": LATENT, "dlatent_size": W, "mapping_layers": 2, "mapping_fmaps": W}


def _transposed(array: np.ndarray) -> np.ndarray:
    order = [2, 3, 1, 0] if array.ndim == 4 else range(array.ndim)[::-1]
    return np.ascontiguousarray(array.transpose(*order)) if array.ndim else array[()]


def generator_variables(arrays: dict) -> dict[str, dict]:
    """Of a generator and its two parts, from arrays by their names in PyTorch."""
    own, parts = {"lod": np.float32(0)}, {"synthesis": {}, "mapping": {}}
    for name, array in arrays.items():
        part, layer, *rest = name.split(".")
        if name == "mapping.w_avg":
            own["dlatent_avg"] = array
        elif part == "mapping":
            other = "LabelEmbed" if layer == "embed" else layer.replace("fc", "Dense")
            parts[part][f"{other}/{rest[0]}"] = _transposed(array)
        elif rest == ["const"]:
            parts[part]["4x4/Const/const"] = array[None]
        elif rest[1] == "noise_const":
            number = 2 * int(np.log2(len(array))) - (5 if rest[0] == "conv0" else 4)
            parts[part][f"noise{number}"] = array[None, None]
        else:
            is_first = layer == "b4" and rest[0] == "conv1"
            scope = f"{layer[1:]}x{layer[1:]}/{'Conv' if is_first else LAYERS[rest[0]]}"
            kind = "mod_" + rest[2] if rest[1] == "affine" else rest[1]
            value = _transposed(array)
            value = value[::-1, ::-1] if rest[:2] == ["conv0", "weight"] else value
            parts[part][f"{scope}/{kind}"] = value - np.float32(1) if kind == "mod_bias" else value
    return {"": own, **parts}


def discriminator_variables(arrays: dict) -> dict:
    """Of a discriminator, from arrays by their names in PyTorch."""
    variables = {}
    for name, array in arrays.items():
        block, layer, *kind = name.split(".")
        if block == "mapping":
            scope = "LabelEmbed" if layer == "embed" else layer.replace("fc", "Mapping")
        elif block == "b4" and layer in HEAD:
            scope = HEAD[layer]
        else:
            scope = f"{block[1:]}x{block[1:]}/{D_LAYERS[layer]}"
        variables[f"{scope}/{kind[0]}"] = _transposed(array)
    return variables


def generator_record(arrays=None, version=4, arguments=None, **changes):
    """A generator of TensorFlow's code; `changes` replace variables of its synthesis network."""
    variables = generator_variables(arrays or generator_arrays())
    variables["synthesis"] = _changed(variables["synthesis"], changes)
    own, parts = variables.pop(""), {}
    arguments = {**RECORD, **LATENTS, **(arguments or {})}
    for part, known in variables.items():
        parts[part] = nvidia_pickles.network(NETWORK, f"G_{part}", arguments, known, version)
    return nvidia_pickles.network(NETWORK, "G_main", arguments, own, version, **parts)


def discriminator_record(arrays=None, version=4, arguments=None):
    """A discriminator of TensorFlow's code."""
    variables = discriminator_variables(arrays or discriminator_arrays())
    arguments = {**RECORD, **(arguments or {})}
    return nvidia_pickles.network(NETWORK, "D_stylegan2", arguments, variables, version)
