"""The configuration of a run: what there is to set, its defaults and its bounds."""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from stylegan_tf import plugins
from stylegan_tf.deprecation import warn
from stylegan_tf.messages import did_you_mean
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training import presets, recipes, settings
from stylegan_tf.training.settings import (
    above,
    at_least,
    at_least_below,
    between,
    bounded_elsewhere,
    one_of,
    registered,
)

ONE_MACHINE = ("one_device", "mirrored")
STRATEGIES = (*ONE_MACHINE, "multi_worker")
XLA = ("auto", "on", "off")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
RENAMED = {
    "generator.config": "generator.architecture",
    "schedule.pairs": "schedule.minibatch_repeats",
}
OLD_KEYS = {**RENAMED, **presets.OLD_KEYS}
# What comes first, in whatever order settings are given: modules that register, and what replaces
# other settings as well.
FIRST = ("plugins", "loss.name", "loss.penalties", "loss.penalty_options")


@dataclass(frozen=True)
class DataConfig:
    """What is learned. `path` None is the bundled set, `resolution` None that of the set."""

    path: str | None = None
    fingerprint: str | None = None  # of the set, filled in when a run begins
    resolution: int | None = bounded_elsewhere("a power of two up to the set's (Plan.make)", None)
    mirror: bool = False
    cond: bool = False


@dataclass(frozen=True)
class GeneratorConfig:
    """Arguments of the generator's class, and the probability of style mixing.

    None is 0.9 in architectures that mix, F and those of StyleGAN2, and 0 in the others. Arguments
    that the class of the architecture does not have must keep their defaults.
    """

    architecture: str = field(default="f", metadata={"choices": tuple(ARCHITECTURES)})
    latent_size: int = at_least(1, 512)
    w_size: int = at_least(1, 512)
    fmap_base: int = at_least(1, 8192)
    fmap_decay: float = at_least(0, 1.0)
    fmap_max: int = at_least(1, 512)
    mapping_layers: int | None = at_least(0, None)
    mapping_units: int = at_least(1, 512)
    mapping_lr_multiplier: float = above(0, 0.01)
    mixing_probability: float | None = between(0, 1, None)
    clamp: float | None = above(0, None)
    half_resolutions: int = at_least(0, 4)


@dataclass(frozen=True)
class DiscriminatorConfig:
    """Arguments of the discriminator's class, as for the generator.

    The architecture is that of the generator if it is None.
    """

    architecture: str | None = field(default=None, metadata={"choices": (None, *ARCHITECTURES)})
    fmap_base: int = at_least(1, 8192)
    fmap_decay: float = at_least(0, 1.0)
    fmap_max: int = at_least(1, 512)
    mbstd_group_size: int = at_least(0, 4)
    mbstd_num_features: int = at_least(1, 1)
    pool_first: bool = True
    mapping_layers: int = at_least(0, 8)
    mapping_lr_multiplier: float = above(0, 0.01)
    clamp: float | None = above(0, None)
    half_resolutions: int = at_least(0, 4)


@dataclass(frozen=True)
class LossConfig:
    """The loss, and the weights of the penalties of both networks by name.

    `penalty_options` are arguments of penalties, such as {"gradient_penalty": {"target": 750}}.
    """

    name: str = registered("losses", "non_saturating")
    penalties: dict[str, float] = registered("penalties", {"r1": 10.0}, minimum=0)
    penalty_options: dict[str, dict[str, object]] = registered("penalties", {})


@dataclass(frozen=True)
class AugmentConfig:
    """What changes images in front of the discriminator, and its arguments.

    `name` is none, ada, fixed, diffaug, or one of a plugin; `options` such as {"p": 0.2} are those
    of the class.
    """

    name: str = registered("augment", "none")
    options: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class OptimizerConfig:
    """Optimizers by Keras name (`tfa>Name` for TensorFlow Addons) and what Adam needs.

    `freeze_d` blocks of a trained discriminator, the first ones from the image on, do not learn.
    """

    generator: str = "Adam"
    discriminator: str = "Adam"
    beta_1: float = at_least_below(0, 1, 0.0)
    beta_2: float = at_least_below(0, 1, 0.99)
    epsilon: float = above(0, 1e-8)
    freeze_d: int = at_least(0, 0)


@dataclass(frozen=True)
class ScheduleConfig:
    """How the networks grow; progress counts real images, in thousands (kimg)."""

    total_kimg: float = above(0, 25000.0)
    start_resolution: int = bounded_elsewhere("a power of two up to the resolution (Schedule)", 8)
    stable_kimg: float = at_least(0, 600.0)
    fade_kimg: float = at_least(0, 600.0)
    batch: dict[int, int] = above(0, {})  # by resolution, else batch_base
    batch_base: int = above(0, 32)
    learning_rate: dict[int, float] = above(0, {})
    learning_rate_base: float = above(0, 0.001)
    tick_kimg: dict[int, float] = above(0, {})
    tick_kimg_base: float = above(0, 1.0)
    minibatch_repeats: int = above(0, 4)  # D and G steps in a call, by one state of the schedule
    reset_optimizers: bool = True  # where a fade starts and where it ends
    generator_first: bool = False  # the G step of a pair before the D step, as in StyleGAN2
    ema_kimg: float = above(0, 10.0)  # half-life of the averaged generator
    ema_rampup: float | None = above(0, None)  # of the images shown so far, the half-life at most
    w_avg_beta: float = at_least_below(0, 1, 0.995)


@dataclass(frozen=True)
class OutputConfig:
    """What the run directory gets: a snapshot every `snapshot_ticks`, grids of this shape."""

    snapshot_ticks: int = at_least(1, 10)
    grid_columns: int = at_least(1, 12)
    grid_rows: int = at_least(1, 8)
    keep_checkpoints: int = at_least(1, 2)


@dataclass(frozen=True)
class MetricsConfig:
    """What is measured while training, as by `stylegan-tf evaluate`; the first says what is best.

    `every_ticks` None is with every snapshot; `features` are weight files, or models of the user's,
    by name.
    """

    names: list[str] = field(default_factory=list)
    every_ticks: int | None = at_least(1, None)
    features: dict[str, str] = field(default_factory=dict)
    classifiers: str | None = None


@dataclass(frozen=True)
class Config:
    """Everything that a run depends on. `plugins` are modules that register losses and others."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    plugins: list[str] = field(default_factory=list)
    strategy: str = one_of(STRATEGIES)
    precision: str = one_of(PRECISIONS)
    xla: str = one_of(XLA)  # whether XLA compiles the gradients of a step; auto: on GPUs
    seed: int = between(0, 2**32 - 1, 0)  # as NumPy takes it
    init_from: str | None = None
    licence: str | None = None  # the terms of the networks that training started from

    @classmethod
    def preset(cls, name: str, resolution: int | None = None, gpus: int = 1) -> "Config":
        """Returns a plan that comes along.

        Args:
            name: "cpu", small networks for a few cores, or a recipe, such as "stylegan2-ada".
            resolution: of the images, which recipes need.
            gpus: how many there are, for recipes.

        Raises:
            ValueError: if there is none of that name, or a recipe has no resolution or no GPU.
        """
        if name in presets.PRESETS:
            return cls().replace(presets.PRESETS[name])
        if name not in recipes.RECIPES:
            near = did_you_mean(name, [*presets.PRESETS, *recipes.RECIPES])
            raise ValueError(f"there is no preset {name!r}{near}")
        if resolution is None:
            raise ValueError(f"preset {name!r} needs the resolution of the images")
        settings = {"data.resolution": resolution, **recipes.on_gpus(name, resolution, gpus)}
        return cls().replace(settings)

    @classmethod
    def published(cls, gpus: int = 1) -> "Config":
        """Returns the published plan for a number of GPUs.

        Raises:
            ValueError: if that is below 1.
        """
        return cls().replace(presets.published(gpus))

    @classmethod
    def from_file(cls, path: str | Path) -> "Config":
        """Returns the configuration of a JSON or YAML file; what it leaves out has its default.

        Args:
            path: such as a run's `config.json`, of this or of an older version.

        Raises:
            ValueError: naming the file, if it cannot be read, or a key or a value in it is wrong.
        """
        try:
            tree = _parse(Path(path))
            values = settings.flatten(tree, settings.keys(cls()))
            values = presets.of_older_file(values)
            values = {RENAMED.get(key, key): value for key, value in values.items()}
            return cls().replace(values)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def replace(self, values: dict[str, object]) -> "Config":
        """Returns a copy with other values.

        Args:
            values: by dotted key, such as "schedule.stable_kimg", or "schedule.batch.64" for an
                entry of a table. "loss.name" takes presets of a loss with penalties, too.

        Raises:
            ValueError: naming the nearest known keys; a `SettingError` for a wrong value.
        """
        config = self
        values = {_present_name(key): value for key, value in values.items()}
        first = {key: values[key] for key in FIRST if key in values}
        for key, value in {**first, **values}.items():
            if key == "loss.name":
                loss = presets.choose_loss(config.loss, cast(str, value))  # it checks that
                config = dataclasses.replace(config, loss=loss)
                continue
            config = settings.replace_one(config, key, value)
            if key == "plugins":
                with settings.about("plugins"):
                    plugins.load(config.plugins)
            if key == "loss.penalties":
                loss = presets.with_penalties(config.loss, config.loss.penalties)
                config = dataclasses.replace(config, loss=loss)
        return dataclasses.replace(config, loss=presets.without_zeros(config.loss))

    def leaves(self) -> Iterator[tuple[str, Any]]:
        """Yields each setting by its dotted key; a table is one setting."""
        for name, value in vars(self).items():
            if dataclasses.is_dataclass(value):
                yield from ((f"{name}.{key}", inner) for key, inner in vars(value).items())
            else:
                yield name, value

    def to_json(self) -> str:
        """Returns the text of `config.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"


def _parse(path: Path) -> Any:
    """What a JSON or YAML file holds."""
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".yaml", ".yml"):
        return json.loads(text)
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def _present_name(key: str) -> str:
    """What a setting that somebody typed is called now."""
    if key not in OLD_KEYS:
        return key
    warn(f"the setting {key}", OLD_KEYS[key], stacklevel=5)
    return OLD_KEYS[key]
