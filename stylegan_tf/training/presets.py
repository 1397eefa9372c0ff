"""Settings by name: plans by machine, losses with their penalties, and those of older files."""

import dataclasses
from typing import TYPE_CHECKING

from stylegan_tf.messages import did_you_mean
from stylegan_tf.registry import HINT
from stylegan_tf.training.settings import SettingError

if TYPE_CHECKING:
    from stylegan_tf.training.config import LossConfig

# Images, in thousands, between two lines of the log, by resolution, as published.
TICK_KIMG = {4: 160, 8: 140, 16: 120, 32: 100, 64: 80, 128: 60, 256: 40, 512: 30, 1024: 20}
LEARNING_RATE = {128: 0.0015, 256: 0.002, 512: 0.003, 1024: 0.003}

# By number of GPUs: batch by resolution, and batch elsewhere (paper, appendix C).
PUBLISHED_BATCH = {
    1: ({4: 128, 8: 128, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8, 512: 4}, 4),
    2: ({4: 256, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16, 256: 8}, 8),
    4: ({4: 512, 8: 256, 16: 128, 32: 64, 64: 32, 128: 16}, 16),
    8: ({4: 512, 8: 256, 16: 128, 32: 64, 64: 32}, 32),
}

# Small networks that learn 32×32 images on two cores in about a quarter of an hour: half the
# feature maps at 32×32, where the time goes; small batches, since steps count early on; a weak R1,
# which small images need less of (its gradient grows with their number of pixels). Shapes come
# from w: in so few steps they appear only if the mapping learns ten times as fast as published, and
# w is not mixed.
CPU = {
    "generator.latent_size": 64,
    "generator.w_size": 64,
    "generator.mapping_units": 64,
    "generator.mapping_lr_multiplier": 0.1,
    "generator.mixing_probability": 0.0,
    "generator.fmap_base": 512,
    "generator.fmap_max": 64,
    "discriminator.fmap_base": 512,
    "discriminator.fmap_max": 64,
    "loss.penalties": {"r1": 1.0},
    "schedule.total_kimg": 100.0,
    "schedule.start_resolution": 8,
    "schedule.stable_kimg": 26.0,
    "schedule.fade_kimg": 8.0,
    "schedule.batch": {8: 16, 16: 16},
    "schedule.batch_base": 8,
    "schedule.learning_rate": {32: 0.002},
    "schedule.learning_rate_base": 0.003,
    "schedule.ema_kimg": 4.0,
    "schedule.tick_kimg_base": 2.0,
    "output.snapshot_ticks": 5,
}
CPU_RESOLUTION = 32  # the CPU plan grows no further unless --resolution says so

PRESETS = {"cpu": CPU}

# Name: (loss, weights of penalties where a plan has none for them). Other losses have no penalties.
LOSSES: dict[str, tuple[str, dict[str, float]]] = {
    "logistic_ns": ("non_saturating", {"r1": 10.0}),
    "wgan": ("wasserstein", {"drift": 0.001}),
    "wgan_gp": ("wasserstein", {"gradient_penalty": 10.0, "drift": 0.001}),
    "hinge": ("hinge", {}),
    "hinge_gp": ("hinge", {"gradient_penalty": 10.0}),
    "non_saturating": ("non_saturating", {"r1": 10.0}),
    "relativistic": ("relativistic", {"r1": 10.0, "r2": 10.0}),
}
# Keys of older configurations, and the weights that they had by default.
OLD_KEYS = {
    "loss.gamma": "loss.penalties.r1",
    "loss.r2_gamma": "loss.penalties.r2",
    "loss.gp_weight": "loss.penalties.gradient_penalty",
    "loss.gp_target": "loss.penalty_options.gradient_penalty.target",
    "loss.drift": "loss.penalties.drift",
}


def published(gpus: int) -> dict[str, object]:
    """Returns the settings of the published schedule for a number of GPUs, by dotted key.

    With other numbers of GPUs than were published the next smaller plan is used, its batches
    rounded up to a multiple of four images on every GPU.

    Raises:
        ValueError: if there is no GPU.
    """
    if gpus < 1:
        raise ValueError(f"gpus is {gpus}; it must be at least 1 (without one: the preset 'cpu')")
    nearest = max(count for count in PUBLISHED_BATCH if count <= gpus)
    table, base = PUBLISHED_BATCH[nearest]
    multiple = 1 if gpus == nearest else 4 * gpus
    return {
        "schedule.batch": {size: _round_up(batch, multiple) for size, batch in table.items()},
        "schedule.batch_base": _round_up(base, multiple),
        "schedule.learning_rate": LEARNING_RATE,
        "schedule.tick_kimg": TICK_KIMG,
        "schedule.tick_kimg_base": 20.0,
    }


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple


def choose_loss(config: "LossConfig", name: str) -> "LossConfig":
    """Returns a loss section with the loss and the penalties that a name stands for.

    A penalty that is in effect already keeps its weight; R2 beside R1 takes that of R1.

    Args:
        config: the `LossConfig` before.
        name: str, of a preset or of a registered loss.

    Raises:
        SettingError: if there is no such loss.
    """
    from stylegan_tf import losses

    if not isinstance(name, str):
        raise SettingError("loss.name", f" is {name!r}; it must be str")
    if name not in LOSSES and name not in losses.names():
        known = [*LOSSES, *losses.names()]
        problem = f": there is no loss {name!r}{did_you_mean(name, known)}{HINT}"
        raise SettingError("loss.name", problem)
    loss, defaults = LOSSES.get(name, (name, {}))
    before = {"r2": config.penalties.get("r1", 10.0), **config.penalties}
    weights = {penalty: before.get(penalty, weight) for penalty, weight in defaults.items()}
    return with_penalties(dataclasses.replace(config, name=loss), weights)


def with_penalties(config: "LossConfig", weights: dict[str, float]) -> "LossConfig":
    """Returns a loss section with these penalties alone; options of others go."""
    options = {name: one for name, one in config.penalty_options.items() if name in weights}
    return dataclasses.replace(config, penalties=weights, penalty_options=options)


def without_zeros(config: "LossConfig") -> "LossConfig":
    """Returns a loss section without the penalties of weight 0: they are not in effect."""
    weights = {name: weight for name, weight in config.penalties.items() if weight != 0}
    return dataclasses.replace(config, penalties=weights)


def of_older_file(values: dict[str, object]) -> dict[str, object]:
    """Returns the settings of a file, an older complete loss section as what it did.

    Such a section held the weights of all penalties, though the loss took only some of them.

    Args:
        values: by dotted key.
    """
    if not values.keys() >= OLD_KEYS.keys():
        return values
    name = values.get("loss.name", "logistic_ns")
    takes_gp, takes_drift = str(name).endswith("_gp"), str(name).startswith("wgan")
    weights = {
        "r1": values["loss.gamma"] if name == "logistic_ns" else 0,
        "r2": values["loss.r2_gamma"],
        "gradient_penalty": values["loss.gp_weight"] if takes_gp else 0,
        "drift": values["loss.drift"] if takes_drift else 0,
    }
    kept = {key: value for key, value in values.items() if key not in OLD_KEYS}
    kept |= {"loss.name": name, "loss.penalties": {k: v for k, v in weights.items() if v != 0}}
    if takes_gp and weights["gradient_penalty"] and values["loss.gp_target"] != 1:
        kept["loss.penalty_options"] = {"gradient_penalty": {"target": values["loss.gp_target"]}}
    return kept
