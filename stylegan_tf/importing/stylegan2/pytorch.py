"""From the objects that StyleGAN2-ADA for PyTorch and StyleGAN3's repository store."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from stylegan_tf.importing.stylegan2 import shapes
from stylegan_tf.importing.stylegan2.arguments import FILTER, Known, checked
from stylegan_tf.importing.stylegan2.description import (
    DiscriminatorArguments,
    GeneratorArguments,
    Stored,
)
from stylegan_tf.unpickling import network_files
from stylegan_tf.unpickling.arrays import array_of, is_number
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown
from stylegan_tf.unpickling.network_files import Persistent

# The classes of the objects in their files. The last two are read, but are not of the networks that
# are made here: the augmentation is not used, and the input of alias-free networks tells them.
CLASSES = {
    "Generator",
    "MappingNetwork",
    "SynthesisNetwork",
    "SynthesisBlock",
    "SynthesisLayer",
    "ToRGBLayer",
    "FullyConnectedLayer",
    "Conv2dLayer",
    "Discriminator",
    "DiscriminatorBlock",
    "DiscriminatorEpilogue",
    "MinibatchStdLayer",
    "AugmentPipe",
    "SynthesisInput",
}
NETWORKS = ("G", "D", "G_ema")
# A dict of arguments in these means the arguments themselves; the two repositories differ in it.
NESTED = {"synthesis_kwargs", "block_kwargs", "epilogue_kwargs"}
MAPPING = "mapping_kwargs"
SIZES = {
    "img_resolution": Known("resolution", "a power of two from 4 to 1024"),
    "img_channels": Known("channels", "1, 3 or 4"),
    "c_dim": Known("label_size", "a whole number"),
    "channel_base": Known("channel_base", "a size", 32768),
    "channel_max": Known("channel_max", "a size", 512),
    "conv_clamp": Known("conv_clamp", "a positive number or None", None),
    f"{MAPPING}.layer_features": Known("mapping_units", "a size or None", None),
    f"{MAPPING}.embed_features": Known("embedding_units", "a size or None", None),
    f"{MAPPING}.lr_multiplier": Known("mapping_lr_multiplier", "a positive number", 0.01),
}
GENERATOR = {
    **SIZES,
    "z_dim": Known("latent_size", "a size"),
    "w_dim": Known("w_size", "a size"),
    "architecture": Known("architecture", "orig, skip or resnet", "skip"),
    f"{MAPPING}.num_layers": Known("mapping_layers", "a size", 8),
}
DISCRIMINATOR = {
    **SIZES,
    "architecture": Known("architecture", "orig, skip or resnet", "resnet"),
    "cmap_dim": Known("cmap_dim", "a size or None", None),
    f"{MAPPING}.num_layers": Known("mapping_layers", "a whole number", 8),
    "mbstd_group_size": Known("mbstd_group_size", "a size or None", 4),
    "mbstd_num_channels": Known("mbstd_num_features", "a size", 1),
}
FIXED = {
    "activation": "lrelu",
    "resample_filter": FILTER,
    "use_noise": True,
    f"{MAPPING}.activation": "lrelu",
}
# They concern precision, speed or training, not what a network computes.
ELSEWHERE = {
    "num_fp16_res",
    "fp16_channels_last",
    "fused_modconv_default",
    "freeze_layers",
    f"{MAPPING}.w_avg_beta",
}


def networks(content: dict[str, Any]) -> list[Persistent]:
    """Returns the objects of G, D and G_ema.

    Raises:
        UnsupportedCheckpointError: if one is missing.
    """
    for name in NETWORKS:
        if not isinstance(content.get(name), Persistent):
            raise UnsupportedCheckpointError(
                f"it does not hold three networks (G, D, G_ema): {name} is missing"
            )
    return [content[name] for name in NETWORKS]


def generator(network: Persistent) -> Stored[GeneratorArguments]:
    """Returns a stored generator.

    Raises:
        UnsupportedCheckpointError: if it is alias-free (StyleGAN3) or no generator, an argument is
            not known, or arrays do not fit the arguments.
    """
    _check_class(network, "Generator")
    _refuse_alias_free(network)
    given = checked(_arguments(network), GENERATOR, FIXED, ELSEWHERE)
    given["mapping_units"] = given["mapping_units"] or given["w_size"]
    given["embedding_units"] = given["embedding_units"] or given["w_size"]
    return shapes.fitted(GeneratorArguments(**given), *_arrays(network))


def discriminator(network: Persistent) -> Stored[DiscriminatorArguments]:
    """Returns a stored discriminator.

    Raises:
        UnsupportedCheckpointError: if it is none, an argument is not known, or arrays do not fit
            the arguments.
    """
    _check_class(network, "Discriminator")
    given = checked(_arguments(network), DISCRIMINATOR, FIXED, ELSEWHERE)
    last = min(given["channel_base"] // 4, given["channel_max"])
    if given.pop("cmap_dim") not in (None, last):
        raise UnsupportedCheckpointError(f"cmap_dim is not {last}; no other is known here")
    given["mapping_units"] = given["mapping_units"] or last
    given["embedding_units"] = given["embedding_units"] or last
    return shapes.fitted(DiscriminatorArguments(**given), *_arrays(network))


def _check_class(network: Persistent, name: str) -> None:
    if network.class_name != name:
        raise UnsupportedCheckpointError(f"it has a {network.class_name} where a {name} belongs")


def _refuse_alias_free(network: Persistent) -> None:
    """StyleGAN3's own generators have layers of their own names, and no block of 4×4."""
    synthesis = network.part("_modules").get("synthesis")
    blocks = synthesis.part("_modules") if isinstance(synthesis, Persistent) else {}
    if blocks and "b4" not in blocks:
        raise UnsupportedCheckpointError(
            "its generator is an alias-free one of StyleGAN3 (stylegan3-t or stylegan3-r), which "
            "is not known here; its StyleGAN2 networks (--cfg=stylegan2) are"
        )


def _arguments(network: Persistent) -> Iterator[tuple[str, Any]]:
    """Yields the constructor's arguments, those in dicts included."""
    if network.state.get("_init_args", ()) != ():
        raise UnsupportedCheckpointError("it has arguments without a name")
    given = network.state.get("_init_kwargs")
    if not isinstance(given, dict):
        raise UnsupportedCheckpointError("it does not say its arguments")
    for key, value in given.items():
        if key in NESTED or key == MAPPING:
            if not isinstance(value, dict):
                raise UnsupportedCheckpointError(f"{key} is {shown(value)}, which is no dict")
            prefix = f"{MAPPING}." if key == MAPPING else ""
            yield from ((f"{prefix}{name}", _plain(inner)) for name, inner in value.items())
        else:
            yield key, _plain(value)


def _plain(value: Any) -> Any:
    """Returns a number of NumPy's as one of Python's."""
    return array_of(value).item() if is_number(value) else value


def _arrays(network: Persistent) -> tuple[dict[str, np.ndarray], int]:
    """Returns the weights and how many numbers are stored; the filters must be the known one."""
    arrays, elements = network_files.arrays(network)
    weights = {}
    for name, array in arrays.items():
        if name.rpartition(".")[2] != "resample_filter":
            weights[name] = array
        elif not _is_filter(array):
            raise UnsupportedCheckpointError(f"{name} is another filter than {FILTER}")
    return weights, elements


def _is_filter(array: np.ndarray) -> bool:
    outer = np.outer(FILTER, FILTER) / sum(FILTER) ** 2
    return array.shape == outer.shape and np.allclose(array, outer, rtol=0, atol=1e-6)
