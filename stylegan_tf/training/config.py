"""The configuration of a run: dataclasses here, `config.json` on disk, `--set` in between."""

import dataclasses
import difflib
import json
import math
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path

LOSSES = ("logistic_ns", "wgan", "wgan_gp", "hinge", "hinge_gp")
STRATEGIES = ("one_device", "mirrored")
PRECISIONS = ("float32", "mixed_bfloat16")


def one_of(choices: tuple[str, ...]):
    """A field that takes one of a few values, the first by default."""
    return field(default=choices[0], metadata={"choices": choices})


def at_least(least: float, default):
    """A field that takes numbers from `least` on."""
    return field(default=default, metadata={"least": least})


def between(least: float, most: float, default):
    """A field that takes numbers of a range, its ends included."""
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True)
class DataConfig:
    """What is learned. `path` None is the bundled set, `resolution` None that of the set."""

    path: str | None = None
    resolution: int | None = None
    mirror: bool = False
    cond: bool = False


@dataclass(frozen=True)
class GeneratorConfig:
    """Arguments of `Generator`, and the probability of style mixing (None: 0.9 in F, else 0)."""

    config: str = field(default="f", metadata={"choices": tuple("abcdef")})
    latent_size: int = at_least(1, 512)
    w_size: int = at_least(1, 512)
    fmap_base: int = at_least(1, 8192)
    fmap_decay: float = 1.0
    fmap_max: int = at_least(1, 512)
    mapping_layers: int | None = at_least(0, None)
    mapping_units: int = at_least(1, 512)
    mapping_lr_multiplier: float = 0.01
    mixing_probability: float | None = between(0, 1, None)


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Arguments of `Discriminator`."""

    fmap_base: int = at_least(1, 8192)
    fmap_decay: float = 1.0
    fmap_max: int = at_least(1, 512)
    mbstd_group_size: int = at_least(0, 4)
    mbstd_num_features: int = at_least(1, 1)


@dataclass(frozen=True)
class LossConfig:
    """The loss and the weights of its penalties."""

    name: str = one_of(LOSSES)
    gamma: float = at_least(0, 10.0)  # R1
    r2_gamma: float = at_least(0, 0.0)
    gp_weight: float = at_least(0, 10.0)  # of WGAN-GP and hinge-GP
    gp_target: float = at_least(1e-6, 1.0)
    drift: float = at_least(0, 0.001)  # of real logits, WGAN and WGAN-GP


@dataclass(frozen=True)
class OptimizerConfig:
    """Optimizers by Keras name (`tfa>Name` for TensorFlow Addons) and what Adam needs."""

    generator: str = "Adam"
    discriminator: str = "Adam"
    beta_1: float = between(0, 1, 0.0)
    beta_2: float = between(0, 1, 0.99)
    epsilon: float = 1e-8


@dataclass(frozen=True)
class ScheduleConfig:
    """How the networks grow; progress counts real images, in thousands (kimg)."""

    total_kimg: float = 25000.0
    start_resolution: int = 8
    stable_kimg: float = 600.0
    fade_kimg: float = 600.0
    batch: dict[int, int] = field(default_factory=dict)  # by resolution, else batch_base
    batch_base: int = 32
    learning_rate: dict[int, float] = field(default_factory=dict)
    learning_rate_base: float = 0.001
    tick_kimg: dict[int, float] = field(default_factory=dict)
    tick_kimg_base: float = 1.0
    pairs: int = 4  # D and G steps between two looks at the schedule
    reset_optimizers: bool = True  # where a fade starts and where it ends
    ema_kimg: float = at_least(1e-6, 10.0)  # half-life of the averaged generator
    w_avg_beta: float = 0.995


@dataclass(frozen=True)
class OutputConfig:
    """What the run directory gets: a snapshot every `snapshot_ticks`, grids of this shape."""

    snapshot_ticks: int = at_least(1, 10)
    grid_columns: int = at_least(1, 12)
    grid_rows: int = at_least(1, 8)
    keep_checkpoints: int = at_least(1, 2)


@dataclass(frozen=True)
class Config:
    """Everything that a run depends on."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    strategy: str = one_of(STRATEGIES)
    precision: str = one_of(PRECISIONS)
    seed: int = 0

    def to_json(self) -> str:
        """The text of `config.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_file(cls, path: Path) -> "Config":
        """Reads `config.json`.

        Raises:
            ValueError: if it is not JSON, or a key or a value in it is wrong.
        """
        try:
            return replace(cls(), _flatten(json.loads(Path(path).read_text(encoding="utf-8"))))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def replace(config: Config, values: dict[str, object]) -> Config:
    """A copy of a configuration with other values, by dotted key ("schedule.stable_kimg").

    Raises:
        ValueError: naming the nearest known key, or the type that a value must have.
    """
    for key, value in values.items():
        config = _replace_one(config, key.split("."), value, key)
    return config


def parse_setting(text: str) -> tuple[str, object]:
    """ "key=value" of `--set` → key and value; the value is JSON, or else a string."""
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text}: write it as key=value")
    try:
        return key.strip(), json.loads(value)
    except json.JSONDecodeError:
        return key.strip(), value


def keys(config: object = None, prefix: str = "") -> list[str]:
    """Every dotted key that can be set."""
    found = []
    for entry in dataclasses.fields(config or Config()):
        value = getattr(config or Config(), entry.name)
        if dataclasses.is_dataclass(value):
            found += keys(value, f"{prefix}{entry.name}.")
        else:
            found.append(prefix + entry.name)
    return found


def _replace_one(node, path: list[str], value, key: str):
    head, *rest = path
    known = {entry.name: entry for entry in dataclasses.fields(node)}
    inner = getattr(node, head, None)
    if head not in known or bool(rest) != dataclasses.is_dataclass(inner):
        if head in known and isinstance(inner, dict) and len(rest) == 1:  # schedule.batch.64=32
            table, kind = key.rpartition(".")[0], typing.get_type_hints(type(node))[head]
            entry = _convert({rest[0]: value}, kind, table)
            return dataclasses.replace(node, **{head: {**inner, **entry}})
        near = difflib.get_close_matches(key, keys(), n=1, cutoff=0)
        raise ValueError(f"there is no setting {key!r}; the nearest is {near[0]!r}")
    if rest:
        value = _replace_one(inner, rest, value, key)
    else:
        value = _convert(value, typing.get_type_hints(type(node))[head], key)
        _check(value, known[head].metadata, key)
    return dataclasses.replace(node, **{head: value})


def _convert(value, wanted, key: str):
    """Checks a value against a field's type; whole numbers do for floats."""
    options = typing.get_args(wanted) if isinstance(wanted, types.UnionType) else (wanted,)
    for option in options:
        if typing.get_origin(option) is dict and isinstance(value, dict):
            return _table(value, typing.get_args(option)[1], key)
        if option in (int, float) and isinstance(value, bool):
            continue
        if option is float and isinstance(value, (int, float)) and math.isfinite(value):
            return float(value)
        if option is not float and isinstance(option, type) and isinstance(value, option):
            return value
    names = " or ".join(getattr(option, "__name__", str(option)) for option in options)
    raise ValueError(f"{key} is {value!r}; it must be {names.replace('NoneType', 'null')}")


def _check(value, limits, key: str) -> None:
    if value not in limits.get("choices", [value]):
        allowed = ", ".join(limits["choices"])
        raise ValueError(f"{key} is {value!r}; it can be one of {allowed}")
    if value is not None and "least" in limits and value < limits["least"]:
        raise ValueError(f"{key} is {value}; it must be at least {limits['least']:g}")
    if value is not None and "most" in limits and value > limits["most"]:
        raise ValueError(f"{key} is {value}; it must be at most {limits['most']:g}")


def _table(value: dict, kind: type, key: str) -> dict:
    """A table by resolution: JSON's keys are strings, ours are ints."""
    if not all(str(size).isdecimal() for size in value):
        raise ValueError(f"{key} is {value!r}; it must map resolutions to numbers")
    return {int(size): _convert(entry, kind, f"{key}.{size}") for size, entry in value.items()}


def _flatten(tree: dict, prefix: str = "") -> dict[str, object]:
    if not isinstance(tree, dict):
        raise ValueError("it must hold a JSON object")
    flat = {}
    for name, value in tree.items():
        key = prefix + name
        if isinstance(value, dict) and key not in keys():
            flat.update(_flatten(value, f"{key}."))
        else:
            flat[key] = value
    return flat
