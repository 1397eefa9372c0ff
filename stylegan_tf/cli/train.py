"""`stylegan-tf train`."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from stylegan_tf import machine
from stylegan_tf.cli import options, process
from stylegan_tf.cli.process import RESUMABLE, signals_call
from stylegan_tf.training import xla_cache
from stylegan_tf.training.config import OLD_KEYS, PRECISIONS, STRATEGIES, XLA
from stylegan_tf.training.settings import SettingError

# What the options set, by their names in `command`.
KEYS = {
    "data": "data.path",
    "resolution": "data.resolution",
    "mirror": "data.mirror",
    "cond": "data.cond",
    "kimg": "schedule.total_kimg",
    "batch": "schedule.batch_base",
    "loss": "loss.name",
    "penalties": "loss.penalties",
    "gamma": "loss.penalties.r1",
    "augment": "augment.name",
    "aug_p": "augment.options.p",
    "plugins": "plugins",
    "precision": "precision",
    "xla": "xla",
    "snap": "output.snapshot_ticks",
    "metrics": "metrics.names",
    "seed": "seed",
    "strategy": "strategy",
    "init_from": "init_from",
    "freeze_d": "optimizer.freeze_d",
}


def _weights(ctx, param, values: tuple[str, ...]) -> dict[str, float] | None:
    """("r1=10", "r2=5") → the weights by name."""
    weights = {}
    for text in values:
        name, _, weight = text.partition("=")
        if name in weights:
            raise click.UsageError(f"--penalty {name} is given twice; give it once", ctx)
        try:
            weights[name] = float(weight)
        except ValueError:
            raise click.UsageError(f"--penalty {text}: write it as NAME=WEIGHT", ctx) from None
    return weights or None


def _flags(values: dict[str, Any], config: str | None) -> dict[str, str]:
    """Returns by dotted key the option that gave a value."""
    options = {option.name: option.opts[0] for option in command.params}
    flags = {key: options[name] for name, key in KEYS.items() if values[name] is not None}
    if config:
        flags["generator.architecture"] = "--config"
    if "schedule.batch_base" in flags:
        flags["schedule.batch"] = flags["schedule.batch_base"]
    return flags


class Given:
    """What a user gave of the options that set something.

    Args:
        values: of the options in `KEYS`.
        config: --config.
        settings: of --set.
    """

    def __init__(self, values: dict[str, Any], config: str | None, settings: tuple[str, ...]):
        from stylegan_tf.training import start

        options = {key: values[name] for name, key in KEYS.items()}
        # What is not given comes from the plan for this machine.
        self.requested = start.overrides(options, settings)
        self.config = config
        self._flags = _flags(values, config)
        set_keys = (text.partition("=")[0].strip() for text in settings)
        self._names_of_set = {OLD_KEYS.get(key, key): key for key in set_keys}

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turns an error about a setting into one that calls it by what was given."""
        try:
            yield
        except SettingError as error:
            raise click.UsageError(error.named(self._flags | self._names_of_set)) from error

    def new_job(self, dry_run: bool):
        """Returns the `Job` of a new run; see `training.start.fresh`."""
        from stylegan_tf.training import start

        flags = {key: flag for key, flag in self._flags.items() if key not in self._names_of_set}
        with self.named():
            return start.fresh(self.config, self.requested, dry_run, flags)

    def say_old_names(self) -> None:
        """Prints how settings that were given by old names are called now."""
        for old in OLD_KEYS.keys() & self.requested.keys():
            new = OLD_KEYS[old]
            click.echo(
                f"--set {old} is now {new}; the old name goes with the next release", err=True
            )


@click.command("train")
@click.option("--data", metavar="D", help="Dataset of `stylegan-tf dataset create`. [the bundled]")
@click.option("--outdir", default="runs", show_default=True, help="Where run directories go.")
@click.option(
    "--strategy",
    type=click.Choice(STRATEGIES),
    help="One device, all GPUs, or those of all machines in TF_CONFIG (without GPUs: the CPU). "
    "[one_device]",
)
@click.option(
    "--config",
    metavar="NAME|FILE",
    help="Row of the paper's Table 1, a to f; stylegan2, stylegan2-ada; gan, dcgan; or a JSON or "
    "YAML file. [f]",
)
@click.option(
    "--resolution",
    type=int,
    help="Grow to this many pixels. [that of the dataset; without a GPU 32 at most]",
)
@click.option(
    "--kimg",
    type=float,
    help="Length of training, in thousands of real images. [25000; without a GPU 100]",
)
@click.option(
    "--batch",
    type=int,
    help="Images a step over all devices, at every resolution. [as published for the number of "
    "GPUs; without one 16, and 8 from 32×32 on]",
)
@click.option(
    "--loss",
    metavar="NAME",
    help="non_saturating, wasserstein, hinge, least_squares, relativistic, one of a plugin, or a "
    "loss with its usual penalties: logistic_ns, wgan, wgan_gp, hinge_gp. [non_saturating]",
)
@click.option(
    "--penalty",
    "penalties",
    multiple=True,
    metavar="NAME=WEIGHT",
    callback=_weights,
    help="r1, r2, gradient_penalty, drift; repeatable. Those given are all that there are. "
    "[r1=10; without a GPU r1=1]",
)
@click.option(
    "--gamma",
    type=float,
    metavar="G",
    help="Weight of r1; other penalties stay. [10; without a GPU 1]",
)
@click.option(
    "--aug",
    "augment",
    metavar="NAME",
    help="Augmentation of all images D sees: none, ada, fixed, diffaug, or one of a plugin. [none]",
)
@click.option(
    "--aug-p",
    type=float,
    metavar="P",
    help="Probability of each transform: of ada at the start, of fixed throughout. [0; 0.2]",
)
@options.plugin
@click.option("--mirror", is_flag=True, default=None, help="Flip half of the images.")
@click.option("--cond", is_flag=True, default=None, help="Condition on the dataset's labels.")
@click.option("--precision", type=click.Choice(PRECISIONS), help="Of convolutions. [float32]")
@click.option(
    "--xla",
    type=click.Choice(XLA),
    help="Whether XLA compiles the gradients of a step: auto on GPUs, if it can. [auto]",
)
@click.option("--snap", type=int, metavar="T", help="Snapshot every T ticks. [10; without a GPU 5]")
@options.metrics
@click.option("--resume", metavar="RUN|latest", help="Resume a run where it stopped.")
@click.option(
    "--allow-change", is_flag=True, help="With --resume: other options may change what is computed."
)
@click.option(
    "--init-from",
    metavar="SRC",
    help="Start with the networks of a preset, a run or a .pkl, or the generator of a .keras file.",
)
@click.option(
    "--freeze-d",
    type=int,
    metavar="N",
    help="With --init-from: the first N blocks of D, from the image on, do not learn. [0]",
)
@click.option("--seed", type=int, help="Of every random number. [0]")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any key of config.json."
)
@click.option(
    "--dry-run", is_flag=True, help="Print the plan, with the source of each value, and stop."
)
def command(outdir, config, resume, allow_change, settings, dry_run, **values):
    """Train a generator and a discriminator on images.

    With no options it trains on the bundled images by a plan that fits this machine: the
    published schedule for its number of GPUs, or a short one for CPU cores. Everything goes to a
    new directory in --outdir; Ctrl-C or SIGTERM saves and ends with exit code 75, and --resume
    resumes it from there. --metrics are measured with every snapshot; network-best.keras is the
    best by the first of them.
    """
    if values["xla"] == "on" or (values["xla"] != "off" and machine.may_have_gpu()):
        xla_cache.keep()  # before TensorFlow looks for its devices
    process.expect_tensorflow()  # which a plan takes only with GPUs, plugins or --init-from
    from stylegan_tf.training import start

    given = Given(values, config, settings)
    if allow_change and not resume:
        raise click.UsageError("--allow-change goes with --resume RUN")
    if resume:
        with given.named():
            job = start.resumed(resume, Path(outdir), config, given.requested, allow_change)
    else:
        job = given.new_job(dry_run)
    given.say_old_names()
    for line in job.describe(with_defaults=dry_run):
        click.echo(line)
    if dry_run:
        return
    process.load_tensorflow()
    from stylegan_tf.training.session import Session

    with given.named():
        session = Session(job, Path(outdir))
    with signals_call(session.stop):
        is_finished = session.train()
    if not is_finished:
        sys.exit(RESUMABLE)
    if session.run.path:
        for line in next_steps(session.run.path):
            click.echo(line)


def next_steps(run: Path) -> list[str]:
    """Returns what to do with a finished run, as lines to copy."""
    name = shlex.quote(str(run))
    return [
        "next:",
        f"stylegan-tf generate {name} --seeds 0-15 --grid",
        f"stylegan-tf explore {name}",
        f"stylegan-tf export {name} {shlex.quote(f'models/{run.name}')}",
    ]
