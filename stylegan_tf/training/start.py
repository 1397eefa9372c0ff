"""From the options of a user to a checked plan with its data."""

import dataclasses
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from stylegan_tf import datasets
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.messages import did_you_mean
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training import cluster, presets, strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.initial import Initial
from stylegan_tf.training.initial import load as load_initial
from stylegan_tf.training.plan import Plan, describe
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import SettingError, about, parse_setting

EXTENDABLE = ("schedule.total_kimg", "metrics.", "plugins")  # what --resume may change
FILES = ("data.path", "init_from", "metrics.classifiers", "metrics.features.")


@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes:
        plan: the checked plan.
        dataset: what `stylegan_tf.datasets.open` gives.
        run: the run directory to resume, if any.
        initial: networks to start from, if any.
        strategy: is there if it had to be made before those networks were loaded.
    """

    plan: Plan
    dataset: Dataset
    run: RunDir | None = None
    initial: Initial | None = None
    strategy: tf.distribute.Strategy | None = None

    @property
    def description(self) -> str:
        """The end of the name of its run directory: dataset, architecture, resolution."""
        config = self.plan.config
        name = Path(self.dataset.path).name
        kind = "-cond" if config.data.cond else ""
        return f"{name}-{config.generator.architecture}{kind}-{config.data.resolution}"

    def describe(self) -> list[str]:
        """Returns in lines what is to be done."""
        return describe(self.plan, self.dataset, self.initial.source if self.initial else None)


def overrides(options: dict[str, Any], settings: tuple[str, ...]) -> dict[str, Any]:
    """Returns the options that were given, and `--set`s, by dotted key.

    Raises:
        ValueError: for a `--set` that is not KEY=VALUE.
    """
    requested = {key: value for key, value in options.items() if value is not None}
    if "schedule.batch_base" in requested:
        requested["schedule.batch"] = {}  # --batch holds at every resolution
    requested |= dict(map(parse_setting, settings))
    return {
        key: _absolute(value) if key.startswith(FILES) else value
        for key, value in requested.items()
    }


def _absolute(value: Any) -> Any:
    """Returns a path that holds in other working directories; URLs and None stay as they are."""
    is_path = isinstance(value, str) and "://" not in value
    return str(Path(value).resolve()) if is_path else value


def fresh(config: str | None, requested: dict[str, Any], dry_run: bool = False) -> Job:
    """Returns a new run of the command line.

    Args:
        config: a letter of Table 1, the path of a `config.json`, or None.
        requested: values by dotted key.
        dry_run: whether it is only to be described.

    Raises:
        ValueError: if anything does not fit.
    """
    if config and config.lower() in ARCHITECTURES:
        requested = {"generator.architecture": config.lower(), **requested}
        config = None
    if config and not Path(config).is_file():
        near = did_you_mean(config, [*ARCHITECTURES, *_configurations(Path(config).parent)])
        raise ValueError(f"--config {config} is neither a letter from a to f nor a file{near}")
    return _fresh(Config.from_file(config) if config else None, requested, None, dry_run)


def _configurations(folder: Path) -> list[str]:
    """Returns the files in a folder that may be configurations."""
    return [str(path) for ending in ("json", "yaml", "yml") for path in folder.glob(f"*.{ending}")]


def fresh_from(config: Config | None, data: str | Path | Dataset | None) -> Job:
    """Returns a new run of a configuration, or of the plan for this machine.

    Args:
        config: the configuration, or None.
        data: a path, a dataset, or None.

    Raises:
        ValueError: if anything does not fit.
    """
    requested, dataset = _data(data)
    return _fresh(config, requested, dataset)


def _fresh(
    config: Config | None,
    requested: dict[str, Any],
    dataset: Dataset | None = None,
    dry_run: bool = False,
) -> Job:
    """A new run: values that were requested over a configuration or the plan for this machine."""
    gpus = strategies.gpus()
    strategy_name = requested.get("strategy", "one_device")
    base = config or _plan_for_machine(strategies.replicas(strategy_name) if gpus else 0)
    dataset = dataset or _open(requested.get("data.path") or base.data.path)
    if not config and not gpus:
        size = min(presets.CPU_RESOLUTION, dataset.resolution)
        base = base.replace({"data.resolution": size})
    source, strategy = requested.get("init_from") or base.init_from, None
    if source and not dry_run and requested.get("strategy", base.strategy) == "multi_worker":
        strategy = strategies.make("multi_worker")  # nothing must be computed before
    initial = load_initial(source) if source else None
    if initial:
        start = {"schedule.start_resolution": initial.start_resolution}
        base = base.replace({**initial.settings, **start})
    complete = base.replace(requested)
    if initial:
        initial.check(complete, dataset)
    plan = Plan.make(complete, dataset, strategies.replicas(complete.strategy))
    return Job(plan, dataset, initial=initial, strategy=strategy)


def _plan_for_machine(gpus: int) -> Config:
    return Config.published(gpus) if gpus else Config.preset("cpu")


def resumed(name: str, outdir: Path, config: str | None, requested: dict[str, Any]) -> Job:
    """Returns a run of the command line that is resumed.

    Raises:
        ValueError: if there is no such run, or an option contradicts its configuration.
    """
    run = _find(name, outdir)
    if config:
        requested = {"generator.architecture": config.lower(), **requested}
    return _resumed(run, run.config().replace(requested))


def resumed_from(
    name: str | Path, outdir: Path, config: Config | None, data: str | Path | Dataset | None
) -> Job:
    """Returns a run that is resumed.

    Args:
        name: its directory, or "latest" in `outdir`.
        outdir: where runs are.
        config: a configuration that may differ in what can change, or None.
        data: as in `fresh_from`.

    Raises:
        ValueError: if there is no such run, or the configuration contradicts it.
    """
    run = _find(str(name), outdir)
    requested, dataset = _data(data)
    stored = run.config()
    if config and config.data.resolution is None:  # filled in when the run was started
        config = config.replace({"data.resolution": stored.data.resolution})
    if config and config.data.path is None:
        config = config.replace({"data.path": stored.data.path})
    return _resumed(run, (config or stored).replace(requested), dataset)


def _resumed(run: RunDir, changed: Config, dataset: Dataset | None = None) -> Job:
    _refuse_changes(run, run.config(), changed)
    dataset = dataset or _open(changed.data.path)
    plan = Plan.make(changed, dataset, strategies.replicas(changed.strategy))
    return Job(plan, dataset, run)


def _find(name: str, outdir: Path) -> RunDir:
    try:
        return RunDir.find(name, outdir)
    except ValueError as error:
        if cluster.VARIABLE not in os.environ:
            raise
        raise ValueError(f"{error}; all workers must see the same run directory") from None


def _open(path: str | None) -> Dataset:
    with about("data.path"):
        return datasets.open(path or datasets.bundled())


def _data(data: str | Path | Dataset | None) -> tuple[dict[str, Any], Dataset | None]:
    """Data as a setting, and the dataset where it is open already."""
    if data is None:
        return {}, None
    dataset = None if isinstance(data, str | Path) else data
    path = data if isinstance(data, str | Path) else data.path
    return {"data.path": str(Path(path).resolve())}, dataset


def _refuse_changes(run: RunDir, stored: Config, changed: Config) -> None:
    before, after = (dict(_leaves(dataclasses.asdict(one))) for one in (stored, changed))
    for key, value in after.items():
        if value != before[key] and not key.startswith(EXTENDABLE):
            raise SettingError(
                key,
                f" cannot change: {run.path} was started with {before[key]}, not {value}; a run "
                "that is resumed can change its length, metrics and plugins alone",
            )


def _leaves(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and prefix == "" and name != "seed":
            yield from _leaves(value, f"{name}.")
        else:
            yield prefix + name, value
