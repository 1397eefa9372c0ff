"""From the options of a user to a checked plan with its data."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylegan_tf import datasets
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.messages import did_you_mean
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.pretrained import sources
from stylegan_tf.training import cluster, origins, presets, recipes, strategies
from stylegan_tf.training.changes import Change, changes, refuse
from stylegan_tf.training.config import Config
from stylegan_tf.training.plan import Plan, describe
from stylegan_tf.training.recipes import RECIPES
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import SettingError, about, parse_setting

if TYPE_CHECKING:
    import tensorflow as tf

    from stylegan_tf.training.initial import Initial

LETTERS = tuple(name for name, one in ARCHITECTURES.items() if one.grows)  # rows of Table 1
FILES = ("data.path", "metrics.classifiers", "metrics.features.")


@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes:
        plan: the checked plan.
        dataset: what `stylegan_tf.datasets.open` gives.
        run: the run directory to resume, if any.
        initial: networks to start from, if any.
        strategy: is there if it had to be made before those networks were loaded.
        origins: by dotted key, where each value of a new run comes from.
        changes: of a run that is resumed, in its configuration.
    """

    plan: Plan
    dataset: Dataset
    run: RunDir | None = None
    initial: Initial | None = None
    strategy: tf.distribute.Strategy | None = None
    origins: dict[str, str] = dataclasses.field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    @property
    def description(self) -> str:
        """The end of the name of its run directory: dataset, architecture, resolution."""
        config = self.plan.config
        name = Path(self.dataset.path).name
        kind = "-cond" if config.data.cond else ""
        return f"{name}-{config.generator.architecture}{kind}-{config.data.resolution}"

    def describe(self, with_defaults: bool = False) -> list[str]:
        """Returns in lines what is to be done, and where the values come from.

        Args:
            with_defaults: whether settings that have their defaults are named, too.
        """
        config, dataset = self.plan.config, self.dataset
        source = self.initial.describe(config, dataset) if self.initial else None
        settings = origins.describe(config, self.origins, with_defaults)
        return [*describe(self.plan, dataset, source), *settings]


def overrides(options: dict[str, Any], settings: tuple[str, ...]) -> dict[str, Any]:
    """Returns the options that were given, and `--set`s, by dotted key.

    Raises:
        ValueError: for a `--set` that is not KEY=VALUE.
    """
    requested = {key: value for key, value in options.items() if value is not None}
    if "schedule.batch_base" in requested:
        requested["schedule.batch"] = {}  # --batch holds at every resolution
    requested |= dict(map(parse_setting, settings))
    if isinstance(requested.get("init_from"), str):
        requested["init_from"] = sources.absolute(requested["init_from"])
    return {
        key: _absolute(value) if key.startswith(FILES) else value
        for key, value in requested.items()
    }


def _absolute(value: Any) -> Any:
    """Returns a path that holds in other working directories; URLs and None stay as they are."""
    is_path = isinstance(value, str) and "://" not in value
    return str(Path(value).resolve()) if is_path else value


def fresh(
    config: str | None,
    requested: dict[str, Any],
    dry_run: bool = False,
    flags: dict[str, str] | None = None,
) -> Job:
    """Returns a new run of the command line.

    Args:
        config: a letter of Table 1, a recipe, the path of a `config.json`, or None.
        requested: values by dotted key.
        dry_run: whether it is only to be described.
        flags: by dotted key, the flag with which a value was given; `--set` for the others.

    Raises:
        ValueError: if anything does not fit.
    """
    file, recipe = None, None
    given = {key: (flags or {}).get(key, "--set") for key in requested}
    if config and config.lower() in RECIPES:
        recipe = config.lower()
    elif config and config.lower() in LETTERS:
        requested = {"generator.architecture": config.lower(), **requested}
        given = {"generator.architecture": "--config", **given}
    elif config and not Path(config).is_file():
        known = [*LETTERS, *RECIPES, *_configurations(Path(config).parent)]
        raise ValueError(
            f"--config {config} is neither a letter from a to f, nor one of {', '.join(RECIPES)}, "
            f"nor a file{did_you_mean(config, known)}"
        )
    elif config:
        file = Config.from_file(config)
    job = _fresh(file, requested, None, dry_run, str(config), recipe)
    return dataclasses.replace(job, origins=origins.with_flags(job.origins, given))


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
    name: str = "config",
    recipe: str | None = None,
) -> Job:
    """A new run: values that were requested over a configuration or the plan for this machine.

    Args:
        config: the configuration, or None.
        requested: values by dotted key.
        dataset: where it is open already.
        dry_run: whether it is only to be described.
        name: where the configuration comes from.
        recipe: what is trained, where it is not a configuration's.
    """
    gpus = strategies.gpus()
    strategy_name = requested.get("strategy", "one_device")
    base = config or _plan_for_machine(strategies.replicas(strategy_name) if gpus else 0)
    machine = f"published for {gpus} GPU(s)" if gpus else "preset cpu"
    stages = [("", Config()), (name if config else machine, base)]
    dataset = dataset or _open(requested.get("data.path") or base.data.path)
    if not config and not gpus:
        size = min(presets.CPU_RESOLUTION, dataset.resolution)
        base = base.replace({"data.resolution": size})
        stages.append(("dataset" if size == dataset.resolution else machine, base))
    if recipe:
        size = requested.get("data.resolution") or base.data.resolution or dataset.resolution
        count = strategies.replicas(strategy_name) if gpus else 0
        base = base.replace(
            recipes.on_gpus(recipe, size, count) if gpus else recipes.on_cpu(recipe)
        )
        stages.append((f"--config {recipe}", base))
    source, strategy = requested.get("init_from") or base.init_from, None
    if source and not dry_run and requested.get("strategy", base.strategy) == "multi_worker":
        strategy = strategies.make("multi_worker")  # nothing must be computed before
    initial = _initial(source) if source else None
    if initial:
        given = requested.get("data.resolution") or (config.data.resolution if config else None)
        base = base.replace(initial.settings | initial.growing(given))
        stages.append((f"networks of {source}", base))
    complete = base.replace(requested)
    if complete.optimizer.freeze_d and not (initial and initial.discriminator):
        raise SettingError(
            "optimizer.freeze_d",
            " is for a discriminator that was trained: give --init-from a run or a .pkl file, or a "
            "preset",
        )
    if initial:
        initial.check(complete, dataset)
    plan = Plan.make(complete, dataset, strategies.replicas(complete.strategy))
    # What an option changes beside its own value: a loss brings its penalties.
    stages += [("--loss", complete), ("dataset", plan.config)]
    by_key = origins.origins(stages)
    return Job(plan, dataset, initial=initial, strategy=strategy, origins=by_key)


def _initial(source: str) -> Initial:
    """The networks to start from; TensorFlow loads here, if there are any."""
    with about("init_from"):
        sources.locate(source)
    from stylegan_tf import backend_compat  # noqa: F401  checks Keras before it starts
    from stylegan_tf.training.initial import load

    return load(source)


def _plan_for_machine(gpus: int) -> Config:
    return Config.published(gpus) if gpus else Config.preset("cpu")


def resumed(
    name: str,
    outdir: Path,
    config: str | None,
    requested: dict[str, Any],
    allow_change: bool = False,
) -> Job:
    """Returns a run of the command line that is resumed.

    Args:
        name: its directory, or "latest" in `outdir`.
        outdir: where runs are.
        config: a letter of Table 1, a recipe, or None.
        requested: values by dotted key.
        allow_change: whether what changes the mathematics may differ.

    Raises:
        ValueError: if there is no such run, or an option contradicts its configuration.
    """
    run = _find(name, outdir)
    if config:
        essence = RECIPES[config.lower()].essence if config.lower() in RECIPES else {}
        architecture = essence.get("generator.architecture", config.lower())
        requested = {"generator.architecture": architecture, **requested}
    return _resumed(run, run.config().replace(requested), allow_change=allow_change)


def resumed_from(
    name: str | Path,
    outdir: Path,
    config: Config | None,
    data: str | Path | Dataset | None,
    allow_change: bool = False,
) -> Job:
    """Returns a run that is resumed.

    Args:
        name: its directory, or "latest" in `outdir`.
        outdir: where runs are.
        config: a configuration that may differ in what can change, or None.
        data: as in `fresh_from`.
        allow_change: as in `resumed`.

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
    return _resumed(run, (config or stored).replace(requested), dataset, allow_change)


def _resumed(
    run: RunDir, changed: Config, dataset: Dataset | None = None, allow_change: bool = False
) -> Job:
    stored, name = run.config(), str(run.path)
    same_images: dict[str, Any] = {"data.fingerprint": stored.data.fingerprint}
    if not allow_change:
        refuse(name, changes(stored, changed.replace(same_images)))
    dataset = dataset or _open_of_run(changed.data.path)
    plan = Plan.make(changed, dataset, strategies.replicas(changed.strategy))
    if stored.data.fingerprint is None:  # a run of an older version
        stored = stored.replace({"data.fingerprint": plan.config.data.fingerprint})
    differences = changes(stored, plan.config)
    if not allow_change:
        refuse(name, differences)
    return Job(plan, dataset, run, changes=tuple(differences))


def _open_of_run(path: str | None) -> Dataset:
    """Opens the images of a run."""
    if path and not Path(path).exists():
        raise ValueError(f"{path}, the images of the run, is gone; give --data where they are now")
    return _open(path)


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
