"""From the arguments of the published networks to those of ours."""

import re
from dataclasses import dataclass
from typing import Any

from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown

# Their name: ours, with the value that theirs has where a file does not say.
SIZES = {
    "resolution": "resolution",
    "num_channels": "channels",
    "label_size": "label_size",
    "fmap_base": "fmap_base",
    "fmap_decay": "fmap_decay",
    "fmap_max": "fmap_max",
}
GENERATOR = {
    **SIZES,
    "latent_size": "latent_size",
    "dlatent_size": "w_size",
    "mapping_layers": "mapping_layers",
    "mapping_fmaps": "mapping_units",
    "mapping_lrmul": "mapping_lr_multiplier",
}
DISCRIMINATOR = {
    **SIZES,
    "mbstd_group_size": "mbstd_group_size",
    "mbstd_num_features": "mbstd_num_features",
}
# They concern training, sampling or the layout of the graph, not what a network computes.
ELSEWHERE = {
    "truncation_psi",
    "truncation_cutoff",
    "dlatent_avg_beta",
    "dlatent_broadcast",
    "style_mixing_prob",
    "randomize_noise",
    "structure",
    "dtype",
}
# Switches that ours have in one position only.
FIXED = {
    "normalize_latents": True,
    "nonlinearity": "lrelu",
    "mapping_nonlinearity": "lrelu",
    "use_leakyrelu": True,
    "use_pixelnorm": True,
}
STYLED = {  # (styles, constant input, noise): architecture of Table 1
    (True, True, True): "f",
    (True, True, False): "d",
    (True, False, False): "c",
    (False, False, False): "b",
}
SWITCHES = {"use_styles", "const_input_layer", "use_noise", "use_pixel_norm", "use_instance_norm"}
RESOLUTIONS = [2**level for level in range(2, 11)]
FLOATS = {"fmap_decay", "mapping_lrmul"}  # all other sizes are whole numbers
MAX_SIZE = 1 << 20  # of any size
FUSED_AUTO = 128  # `fused_scale="auto"` fuses from this resolution on


@dataclass(frozen=True)
class NetworkArguments:
    """What the arguments of a stored network say.

    Attributes:
        network: the arguments of ours.
        fused_from: the resolution from which on layers were fused, or None.
        styled: whether it is a style-based network rather than a Progressive GAN.
        equalized: whether it scales its weights at run time, as ours does.
    """

    network: dict[str, Any]
    fused_from: int | None
    styled: bool
    equalized: bool


def generator(builder: str, stored: dict[str, Any]) -> NetworkArguments:
    """Returns the arguments of a `Generator`.

    Raises:
        UnsupportedCheckpointError: if it was built by an unknown function or an argument has no
            counterpart.
    """
    if builder == "G_style":
        config = _styled_config(stored)
        network = _renamed(stored, GENERATOR, SWITCHES | {"fused_scale", "blur_filter"})
        if config == "b":
            network.setdefault("mapping_layers", 8)  # as theirs; ours would have none
        network["architecture"] = config
        return NetworkArguments(network, _fused_from(stored, "auto"), True, _equalized(stored))
    if builder == "G_paper":
        network = _renamed(stored, GENERATOR, {"fused_scale"})
        _refuse_labels(network)
        if network.get("latent_size") is None:
            network["latent_size"] = network.get("fmap_max", 512)
        network["architecture"] = "a"
        return NetworkArguments(network, _fused_from(stored, True), False, _equalized(stored))
    raise UnsupportedCheckpointError(
        f"its generator was built by {builder}, not by G_style or G_paper"
    )


def discriminator(builder: str, stored: dict[str, Any]) -> NetworkArguments:
    """Returns the arguments of a `Discriminator`.

    Raises:
        UnsupportedCheckpointError: if it was built by an unknown function or an argument has no
            counterpart.
    """
    if builder == "D_basic":
        _blur(stored)
        network = _renamed(stored, DISCRIMINATOR, {"fused_scale", "blur_filter"})
        network["architecture"] = "f"
        return NetworkArguments(network, _fused_from(stored, "auto"), True, _equalized(stored))
    if builder == "D_paper":
        network = _renamed(stored, DISCRIMINATOR, {"fused_scale"})
        _refuse_labels(network)
        fused_from = _fused_from(stored, True)
        network |= {"architecture": "a", "pool_first": fused_from is not None}
        return NetworkArguments(network, fused_from, False, _equalized(stored))
    raise UnsupportedCheckpointError(
        f"its discriminator was built by {builder}, not by D_basic or D_paper"
    )


def with_fused_names(variables: dict[str, Any], unfused: str, fused: str) -> dict[str, Any]:
    """Gives the resampling convolutions of unfused Progressive GAN the names of fused ones."""
    if any(f"/{fused}/" in name for name in variables):
        return variables
    return {
        re.sub(rf"^(\d+x\d+)/{unfused}/", rf"\1/{fused}/", name): value
        for name, value in variables.items()
    }


def _renamed(stored: dict[str, Any], names: dict[str, Any], handled: set[str]) -> dict[str, Any]:
    """Our arguments; refuses those of theirs that mean something unknown here."""
    for key, value in stored.items():
        if key in FIXED and value != FIXED[key]:
            raise UnsupportedCheckpointError(
                f"{key} is {shown(value)}; only {FIXED[key]!r} is known here"
            )
        if key not in {*names, *handled, *ELSEWHERE, *FIXED, "use_wscale"}:
            raise UnsupportedCheckpointError(
                f"it has the argument {key}={shown(value)}, which is not known here"
            )
        if key in names:
            _check_size(key, value)
    for key in ("resolution", "num_channels"):
        if key not in stored:
            raise UnsupportedCheckpointError(f"it does not say its {key}")
    if stored["resolution"] not in RESOLUTIONS:
        raise UnsupportedCheckpointError(
            f"its resolution is {stored['resolution']}, no power of two up to 1024"
        )
    return {ours: stored[theirs] for theirs, ours in names.items() if theirs in stored}


def _check_size(key: str, value: Any) -> None:
    """Refuses what is no size; None stands for a default."""
    kinds, minimum = ((int, float), -MAX_SIZE) if key in FLOATS else (int, 0)
    if value is not None and not (isinstance(value, kinds) and minimum <= value <= MAX_SIZE):
        raise UnsupportedCheckpointError(f"{key} is {shown(value)}, which is no size of a network")


def _switch(stored: dict[str, Any], key: str, default: bool) -> bool:
    value = stored.get(key, default)
    if not isinstance(value, int):  # a bool is one
        raise UnsupportedCheckpointError(f"{key} is {shown(value)}; it can be True or False")
    return bool(value)


def _equalized(stored: dict[str, Any]) -> bool:
    return _switch(stored, "use_wscale", True)


def _styled_config(stored: dict[str, Any]) -> str:
    _blur(stored)
    names = ("use_styles", "const_input_layer", "use_noise")
    styles, constant, noise = (_switch(stored, key, True) for key in names)
    config = STYLED.get((styles, constant, noise))
    norms = (
        _switch(stored, "use_instance_norm", True),
        _switch(stored, "use_pixel_norm", False),
    )
    if config is None or norms != (styles, not styles):
        chosen = ", ".join(f"{key}={stored[key]}" for key in sorted(SWITCHES & set(stored)))
        raise UnsupportedCheckpointError(f"no configuration A to F has {chosen}")
    if config == "f" and stored.get("style_mixing_prob", 0.9) in (0, None):
        return "e"
    return config


def _blur(stored: dict[str, Any]) -> None:
    blur = stored.get("blur_filter", [1, 2, 1])
    if not isinstance(blur, (list, tuple)) or list(blur) != [1, 2, 1]:
        raise UnsupportedCheckpointError(
            f"blur_filter is {shown(blur)}; only [1, 2, 1] is known here"
        )


def _fused_from(stored: dict[str, Any], default: Any) -> int | None:
    fused = stored.get("fused_scale", default)
    return FUSED_AUTO if fused == "auto" else 4 if fused else None


def _refuse_labels(network: dict[str, Any]) -> None:
    if network.get("label_size"):
        raise UnsupportedCheckpointError(
            "it is a Progressive GAN with labels, whose discriminator tells classes as well (an "
            "auxiliary classifier); networks here are conditioned otherwise"
        )
