"""The configuration of a run: what there is to set, and its defaults."""

import dataclasses
import json
from dataclasses import dataclass, field

LOSSES = ("logistic_ns", "wgan", "wgan_gp", "hinge", "hinge_gp")
ONE_MACHINE = ("one_device", "mirrored")
STRATEGIES = (*ONE_MACHINE, "multi_worker")
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


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
    pool_first: bool = True


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
    """Everything that a run depends on."""

    data: DataConfig = field(default_factory=DataConfig)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    discriminator: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    metrics: MetricsConfig = field(default_factory=MetricsConfig)
    strategy: str = one_of(STRATEGIES)
    precision: str = one_of(PRECISIONS)
    seed: int = 0
    init_from: str | None = None
    licence: str | None = None  # the terms of the networks that training started from

    def to_json(self) -> str:
        """The text of `config.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"
