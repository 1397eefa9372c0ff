"""What a run will do: checked before it starts, and printed by `--dry-run`."""

import dataclasses
from dataclasses import dataclass
from typing import cast

from stylegan_tf import tables
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.datasets.errors import and_more
from stylegan_tf.machine import cores, has_fast_products
from stylegan_tf.messages import counted
from stylegan_tf.metrics.names import parse
from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.sizes import log2_resolution
from stylegan_tf.training import compilation, strategies
from stylegan_tf.training.cluster import Cluster
from stylegan_tf.training.config import AugmentConfig, Config
from stylegan_tf.training.objective import check_augmentation, make_loss, make_penalties
from stylegan_tf.training.schedule import Schedule, ScheduleState, Stage
from stylegan_tf.training.settings import SettingError, about


@dataclass(frozen=True)
class Plan:
    """A configuration made complete for a dataset and a number of replicas.

    Attributes:
        config: with the resolution and the fingerprint of the dataset filled in. Networks that do
            not grow start at that resolution.
        schedule: its schedule.
        replicas: devices that share each batch.
    """

    config: Config
    schedule: Schedule
    replicas: int

    @classmethod
    def make(cls, config: Config, dataset: Dataset, replicas: int) -> "Plan":
        """Checks a configuration against a dataset and a number of replicas.

        Raises:
            ValueError: if the resolution exceeds the dataset's, a batch cannot be shared by the
                replicas and the groups of the minibatch standard deviation, the dataset
                has no labels where they are to be learned, there is no such metric, the loss is
                none, or a penalty or the augmentation does not take its options.
        """
        resolution = config.data.resolution
        resolution = dataset.resolution if resolution is None else resolution
        _check_resolution(resolution, dataset)
        if config.data.cond and not dataset.label_size:
            raise SettingError("data.cond", f" needs labels, but {dataset.path} has none")
        with about("metrics.names"):
            for name in config.metrics.names:
                parse(name)
        with about("loss.name"):
            make_loss(config.loss.name)
        make_penalties(config.loss)
        check_augmentation(config.augment)
        fingerprint = getattr(dataset, "fingerprint", None)
        data = dataclasses.replace(config.data, resolution=resolution, fingerprint=fingerprint)
        config = dataclasses.replace(config, data=data)
        if not get_architecture(config.generator.architecture).grows:
            schedule = dataclasses.replace(config.schedule, start_resolution=resolution)
            config = dataclasses.replace(config, schedule=schedule)
        plan = cls(config, Schedule(config.schedule, resolution), replicas)
        for stage in plan.schedule.stages():
            plan._check_batch(plan.state(stage))
        return plan

    @property
    def resolution(self) -> int:
        """Pixels along a side of the images that the networks end with."""
        return cast(int, self.config.data.resolution)  # `make` has filled it in

    @property
    def measured_ticks(self) -> int:
        """Ticks between two measurements of the metrics."""
        return self.config.metrics.every_ticks or self.config.output.snapshot_ticks

    def state(self, stage: Stage) -> ScheduleState:
        """Returns what the schedule says during a stage."""
        return self.schedule.at((stage.start_kimg + stage.end_kimg) / 2)

    def _check_batch(self, state: ScheduleState) -> None:
        group = max(self.config.discriminator.mbstd_group_size, 1)
        share, rest = divmod(state.batch, self.replicas)
        if not rest and share and share % min(group, share) == 0:
            return
        multiple = self.replicas * group
        below = state.batch // multiple * multiple
        near = [str(size) for size in (below, below + multiple) if size]
        is_in_table = state.resolution in self.config.schedule.batch
        raise SettingError(
            f"schedule.batch.{state.resolution}" if is_in_table else "schedule.batch_base",
            f" is {state.batch}, which does not fit {self.replicas} replica(s) and "
            f"minibatch-stddev groups of {group} at {state.resolution}×{state.resolution}; "
            f"the nearest that fit are {' and '.join(near)}",
        )

    def rows(self) -> list[tuple[str, ...]]:
        """Returns the plan as a table: a heading, then one row a stage."""
        rows: list[tuple[str, ...]] = [
            ("stage", "from kimg", "to kimg", "images", "batch", "steps", "lr", "tick kimg")
        ]
        for stage in self.schedule.stages():
            state = self.state(stage)
            images = round((stage.end_kimg - stage.start_kimg) * 1000)
            size = f"{stage.resolution}×{stage.resolution}"
            rows.append(
                (
                    f"fade in {size}" if stage.fading else f"train {size}",
                    f"{stage.start_kimg:g}",
                    f"{stage.end_kimg:g}",
                    f"{images:,}",
                    str(state.batch),
                    f"{-(-images // state.batch):,}",
                    f"{state.learning_rate:g}",
                    f"{state.tick_kimg:g}",
                )
            )
        return rows


def _check_resolution(resolution: int, dataset: Dataset) -> None:
    """Raises SettingError for no power of two, or more than the dataset has."""
    try:
        log2_resolution(resolution, name="")
    except ValueError as error:
        raise SettingError("data.resolution", str(error)) from None
    if resolution > dataset.resolution:
        raise SettingError(
            "data.resolution",
            f" is {resolution}, but the images of {dataset.path} have {dataset.resolution}; "
            "it can be that or less",
        )


def describe(plan: Plan, dataset: Dataset, start: str | None) -> list[str]:
    """Returns the plan in lines: what is learned, where, and the table of stages.

    Args:
        plan: the plan.
        dataset: the data.
        start: where the networks come from that it starts with; None: they are new.
    """
    config = plan.config
    kind = "conditional " if config.data.cond else ""
    metrics = f"metrics   {', '.join(config.metrics.names)} every {plan.measured_ticks} ticks"
    return [
        f"data      {dataset.path}: {dataset.num_images:,} images",
        f"network   {kind}configuration {config.generator.architecture.upper()}, "
        f"{config.data.resolution}×{config.data.resolution}×{dataset.channels}",
        f"loss      {_loss(config)}",
        *([f"start     from {start}"] if start else []),
        f"machine   {_machine()}, {plan.replicas} replica(s), {config.precision}",
        f"xla       {compilation.describe(config)}",
        *_workers(config),
        *([metrics] if config.metrics.names else []),
        "",
        *tables.aligned(plan.rows()),
        *(f"note      {note}" for note in _notes(plan)),
        *(f"note      {note}" for note in _unused_labels(config, dataset)),
        "",
    ]


def _loss(config: Config) -> str:
    """The loss and the penalties in effect, with their weights, and the augmentation."""
    penalties = (f"{weight:g} × {name}" for name, weight in config.loss.penalties.items())
    return " + ".join([config.loss.name, *penalties]) + _augmentation(config.augment)


def _augmentation(config: AugmentConfig) -> str:
    """The augmentation, if there is any, with the options that were given."""
    if config.name == "none":
        return ""
    options = ", ".join(f"{name} {value}" for name, value in config.options.items())
    return f", augmentation {config.name}" + (f" ({options})" if options else "")


def _machine() -> str:
    gpus = strategies.gpus()
    return f"{gpus} GPU(s)" if gpus else counted(cores(), "CPU core")


def _workers(config: Config) -> list[str]:
    """Who the processes of a run are, and which of them this is."""
    if config.strategy != "multi_worker":
        return []
    return [f"workers   {Cluster.of_environment().describe()}"]


def _unused_labels(config: Config, dataset: Dataset) -> list[str]:
    """Classes or labels that the data has and training does not use, with what would use them."""
    if config.data.cond:
        return []
    if dataset.label_size:
        names = dataset.label_names
        which = f"({and_more(names)})" if names else f"of {dataset.label_size} numbers"
        return [f"the data has labels {which}, which are not used; --cond trains on them"]
    if not dataset.unused_folders:
        return []
    folders = f"{len(dataset.unused_folders)} folders ({and_more(dataset.unused_folders)})"
    return [
        f"the images come from {folders}, which are not used; if they are classes, "
        "stylegan-tf dataset create … --labels folders makes labels of them, and --cond trains "
        "on these"
    ]


def _notes(plan: Plan) -> list[str]:
    """What a user may not have meant."""
    config, notes = plan.config, []
    last = plan.schedule.stages()[-1].resolution
    if last < plan.resolution:
        notes.append(f"ends at {last}×{last}; a larger --kimg continues")
    if not strategies.gpus() and not has_fast_products(config.precision.removeprefix("mixed_")):
        notes.append(f"{config.precision} is slower than float32 on this CPU, which lacks it")
    return notes
