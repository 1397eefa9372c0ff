"""Names of `--loss`, each for a loss and penalties, and the loss section of older files."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stylegan_tf.training.config import LossConfig

from stylegan_tf.messages import did_you_mean
from stylegan_tf.registry import HINT
from stylegan_tf.training.settings import SettingError

# Name: (loss, weights of penalties where a plan has none for them). Other losses have no penalties.
PRESETS: dict[str, tuple[str, dict[str, float]]] = {
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


def choose(config: "LossConfig", name: str) -> "LossConfig":
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
    if name not in PRESETS and name not in losses.names():
        known = [*PRESETS, *losses.names()]
        problem = f": there is no loss {name!r}{did_you_mean(name, known)}{HINT}"
        raise SettingError("loss.name", problem)
    loss, defaults = PRESETS.get(name, (name, {}))
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
