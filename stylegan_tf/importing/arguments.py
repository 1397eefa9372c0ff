"""From the arguments of the published networks to those of ours."""

import re
from dataclasses import dataclass
from typing import Any

from stylegan_tf.importing.refused import ImportRefused

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
# They concern training, drawing or how the graph is laid out, not what a network computes.
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
    "use_wscale": True,
    "normalize_latents": True,
    "nonlinearity": "lrelu",
    "mapping_nonlinearity": "lrelu",
    "use_leakyrelu": True,
    "use_pixelnorm": True,
}
STYLED = {  # (styles, constant input, noise): configuration of Table 1
    (True, True, True): "f",
    (True, True, False): "d",
    (True, False, False): "c",
    (False, False, False): "b",
}
SWITCHES = {"use_styles", "const_input_layer", "use_noise", "use_pixel_norm", "use_instance_norm"}
FUSED_AUTO = 128  # `fused_scale="auto"` fuses from this resolution on


@dataclass(frozen=True)
class Found:
    """Arguments of our network, the resolution from which on layers were fused, and its family."""

    network: dict[str, Any]
    fused_from: int | None
    styled: bool


def generator(builder: str, stored: dict) -> Found:
    """The arguments of a `Generator`.

    Raises:
        ImportRefused: if it was built by an unknown function or an argument has no counterpart.
    """
    if builder == "G_style":
        config = _styled_config(stored)
        network = _renamed(stored, GENERATOR, SWITCHES | {"fused_scale", "blur_filter"})
        if config == "b":
            network.setdefault("mapping_layers", 8)  # as theirs; ours would have none
        return Found({**network, "config": config}, _fused_from(stored, "auto"), True)
    if builder == "G_paper":
        network = _renamed(stored, GENERATOR, {"fused_scale"})
        _refuse_labels(network)
        if network.get("latent_size") is None:
            network["latent_size"] = network.get("fmap_max", 512)
        return Found({**network, "config": "a"}, _fused_from(stored, True), False)
    raise ImportRefused(f"its generator was built by {builder}, not by G_style or G_paper")


def discriminator(builder: str, stored: dict) -> Found:
    """The arguments of a `Discriminator`.

    Raises:
        ImportRefused: if it was built by an unknown function or an argument has no counterpart.
    """
    if builder == "D_basic":
        _blur(stored)
        network = _renamed(stored, DISCRIMINATOR, {"fused_scale", "blur_filter"})
        return Found({**network, "config": "f"}, _fused_from(stored, "auto"), True)
    if builder == "D_paper":
        network = _renamed(stored, DISCRIMINATOR, {"fused_scale"})
        _refuse_labels(network)
        fused_from = _fused_from(stored, True)
        network |= {"config": "a", "pool_first": fused_from is not None}
        return Found(network, fused_from, False)
    raise ImportRefused(f"its discriminator was built by {builder}, not by D_basic or D_paper")


def with_fused_names(variables: dict, unfused: str, fused: str) -> dict:
    """Gives the resampling convolutions of unfused Progressive GAN the names of fused ones."""
    if any(f"/{fused}/" in name for name in variables):
        return variables
    return {
        re.sub(rf"^(\d+x\d+)/{unfused}/", rf"\1/{fused}/", name): value
        for name, value in variables.items()
    }


def _renamed(stored: dict, names: dict, handled: set) -> dict:
    """Our arguments; refuses those of theirs that mean something unknown here."""
    for key, value in stored.items():
        if key in FIXED and value != FIXED[key]:
            raise ImportRefused(f"{key} is {value!r}; only {FIXED[key]!r} is known here")
        if key not in {*names, *handled, *ELSEWHERE, *FIXED}:
            raise ImportRefused(f"it has the argument {key}={value!r}, which is not known here")
    for key in ("resolution", "num_channels"):
        if key not in stored:
            raise ImportRefused(f"it does not say its {key}")
    return {ours: stored[theirs] for theirs, ours in names.items() if theirs in stored}


def _styled_config(stored: dict) -> str:
    _blur(stored)
    switches = [stored.get(key, True) for key in ("use_styles", "const_input_layer", "use_noise")]
    config = STYLED.get(tuple(switches))
    styles = bool(switches[0])
    norms = stored.get("use_instance_norm", True), stored.get("use_pixel_norm", False)
    if config is None or norms != (styles, not styles):
        chosen = ", ".join(f"{key}={stored[key]}" for key in sorted(SWITCHES & set(stored)))
        raise ImportRefused(f"no configuration A to F has {chosen}")
    if config == "f" and stored.get("style_mixing_prob", 0.9) in (0, None):
        return "e"
    return config


def _blur(stored: dict) -> None:
    if list(stored.get("blur_filter", (1, 2, 1)) or ()) != [1, 2, 1]:
        raise ImportRefused(f"blur_filter is {stored['blur_filter']}; only [1, 2, 1] is known here")


def _fused_from(stored: dict, default) -> int | None:
    fused = stored.get("fused_scale", default)
    return FUSED_AUTO if fused == "auto" else 4 if fused else None


def _refuse_labels(network: dict) -> None:
    if network.get("label_size"):
        raise ImportRefused("it is a Progressive GAN with labels, which is not known here")
