"""From what a user asked for to a running trainer."""

import dataclasses
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from stylegan_tf import datasets
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training import cluster, presets, strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.initial import Initial
from stylegan_tf.training.initial import load as load_initial
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.settings import parse_setting
from stylegan_tf.training.workers import Workers

EXTENDABLE = ("schedule.total_kimg", "metrics.", "plugins")  # what --resume may change
FILES = ("data.path", "init_from", "metrics.classifiers", "metrics.features.")


@dataclass(frozen=True)
class Job:
    """A checked plan, its dataset, and the run to go on with or networks to start from, if any.

    `strategy` is there if it had to be made before those networks were loaded.
    """

    plan: Plan
    dataset: object
    run: RunDir | None = None
    initial: Initial | None = None
    strategy: tf.distribute.Strategy | None = None


def overrides(options: dict[str, object], settings: tuple[str, ...]) -> dict[str, object]:
    """Options that were given, and `--set`s, by dotted key.

    Raises:
        ValueError: for a `--set` that is not KEY=VALUE.
    """
    wanted = {key: value for key, value in options.items() if value is not None}
    if "schedule.batch_base" in wanted:
        wanted["schedule.batch"] = {}  # --batch holds at every resolution
    wanted |= dict(map(parse_setting, settings))
    return {
        key: _absolute(value) if key.startswith(FILES) else value for key, value in wanted.items()
    }


def _absolute(value):
    """A path that another working directory does not change; URLs and null stay as they are."""
    is_path = isinstance(value, str) and "://" not in value
    return str(Path(value).resolve()) if is_path else value


def fresh(config: str | None, wanted: dict[str, object], dry_run: bool = False) -> Job:
    """A new run.

    Args:
        config: a letter of Table 1, the path of a `config.json`, or None.
        wanted: overrides by dotted key.
        dry_run: whether it is only to be described.

    Raises:
        ValueError: if anything about it cannot be.
    """
    if config and config.lower() in ARCHITECTURES:
        wanted = {"generator.architecture": config.lower(), **wanted}
        config = None
    if config and not Path(config).is_file():
        raise ValueError(f"--config {config} is neither a letter from a to f nor a file")
    count = strategies.replicas(wanted.get("strategy", "one_device")) if strategies.gpus() else 0
    base = _base(config, count)
    dataset = datasets.open(wanted.get("data.path") or base.data.path or datasets.bundled())
    if not config and not count:
        size = min(presets.CPU_RESOLUTION, dataset.resolution)
        base = base.replace({"data.resolution": size})
    source, strategy = wanted.get("init_from") or base.init_from, None
    if source and not dry_run and wanted.get("strategy", base.strategy) == "multi_worker":
        strategy = strategies.make("multi_worker")  # nothing must be computed before
    initial = load_initial(source) if source else None
    if initial:
        start = {"schedule.start_resolution": initial.start_resolution}
        base = base.replace({**initial.settings, **start})
    complete = base.replace(wanted)
    if initial:
        initial.check(complete, dataset)
    plan = Plan.make(complete, dataset, strategies.replicas(complete.strategy))
    return Job(plan, dataset, initial=initial, strategy=strategy)


def _base(config: str | None, gpus: int) -> Config:
    """The plan before options: of a file, or for this machine."""
    if config:
        return Config.from_file(config)
    return Config.published(gpus) if gpus else Config.preset("cpu")


def resumed(name: str, outdir: Path, config: str | None, wanted: dict[str, object]) -> Job:
    """A run that goes on.

    Raises:
        ValueError: if there is no such run, or an option contradicts its configuration.
    """
    try:
        run = RunDir.find(name, outdir)
    except ValueError as error:
        if cluster.VARIABLE not in os.environ:
            raise
        raise ValueError(f"{error}; all workers must see the same run directory") from None
    stored = run.config()
    if config:
        wanted = {"generator.architecture": config.lower(), **wanted}
    changed = stored.replace(wanted)
    _refuse_changes(run, stored, changed)
    dataset = datasets.open(changed.data.path or datasets.bundled())
    plan = Plan.make(changed, dataset, strategies.replicas(changed.strategy))
    return Job(plan, dataset, run)


def _refuse_changes(run: RunDir, stored: Config, changed: Config) -> None:
    before, after = (dict(_leaves(dataclasses.asdict(one))) for one in (stored, changed))
    for key, value in after.items():
        if value != before[key] and not key.startswith(EXTENDABLE):
            raise ValueError(
                f"--resume: {run.path} was started with {key} = {before[key]}, not {value}; "
                "only --kimg and --metrics can change, so start a new run for anything else"
            )


def _leaves(tree: dict, prefix: str = ""):
    for name, value in tree.items():
        if isinstance(value, dict) and prefix == "" and name != "seed":
            yield from _leaves(value, f"{name}.")
        else:
            yield prefix + name, value


def run(job: Job, outdir: Path) -> bool:
    """Trains; returns False if a signal ended it early.

    Raises:
        ValueError: if something cannot be; a new run has left nothing then.
        WorkerLost: if another worker is gone.
    """
    workers = Workers(job.strategy or strategies.make(job.plan.config.strategy))
    with workers.watched("start all of them again"):
        workers.refuse_other_options(job.plan.config, job.dataset, job.initial)
        trainer = _trainer(job, outdir, workers)
    with workers.watched(f"go on with --resume {trainer.run.path if trainer.run else 'latest'}"):
        done = _train(job, trainer)
    if workers.chief:
        for line in _outcome(trainer, done):
            trainer.reporter.line(line)
    return done


def _trainer(job: Job, outdir: Path, workers: Workers):
    """The trainer, in the directory of a run that goes on or in a new one."""
    from stylegan_tf.training.trainer import Trainer

    directory = job.run
    if workers.chief and not directory:
        directory = RunDir.create(outdir, _description(job), job.plan.config)
    try:
        return Trainer(job.plan, job.dataset, directory, workers)
    except (ValueError, tf.errors.OpError):  # what it needs cannot be made, or a worker is gone
        if workers.chief and not job.run:
            shutil.rmtree(directory.path)
        raise


def _train(job: Job, trainer) -> bool:
    """Trains from where it is to begin; returns False if a signal ended it early."""
    from stylegan_tf.training.trainer import Interrupted

    if job.run:
        trainer.resume()
    elif job.initial:
        with trainer.strategy.scope():
            job.initial.assign(trainer.networks)
    if trainer.run:
        trainer.reporter.line(f"run       {trainer.run.path}")
    try:
        trainer.train()
    except Interrupted:
        return False
    return True


def _outcome(trainer, done: bool) -> list[str]:
    """What there is now, and what to do with it."""
    run, kimg = trainer.run, trainer.kimg
    if not done:
        return [f"stopped at {kimg:.1f} kimg; go on with --resume {run.path}"]
    return [
        f"done: {kimg:.1f} kimg",
        f"pictures  {run.fakes(kimg)}",
        f"network   {run.snapshot(kimg)}",
        *([f"best      {run.best}"] if run.best.exists() else []),
    ]


def _description(job: Job) -> str:
    config = job.plan.config
    name = Path(job.dataset.path).name
    kind = "-cond" if config.data.cond else ""
    return f"{name}-{config.generator.architecture}{kind}-{config.data.resolution}"
