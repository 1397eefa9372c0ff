"""What several commands take, as decorators."""

import functools
from typing import NamedTuple

import click

from stylegan_tf import plugins
from stylegan_tf.cli import quiet
from stylegan_tf.defaults import CUTOFF, PSI


def _load_plugins(ctx, param, names: tuple[str, ...]) -> list[str] | None:
    """Imports what registers, before any other option is resolved."""
    if not names:
        return None
    try:
        quiet.load_tensorflow()
        plugins.load(names)
    except ValueError as error:
        raise click.UsageError(f"--plugin: {error}", ctx) from error
    return list(names)


def _known_metrics(ctx, param, value: str | None) -> list[str] | None:
    """Returns the names in "fid50k,pr50k"; refuses what is no metric."""
    from stylegan_tf.metrics.names import parse

    try:
        return None if value is None else [parse(name).name for name in value.split(",")]
    except ValueError as error:
        raise click.UsageError(f"--metrics {value}: {error}", ctx) from error


class LabelOption(NamedTuple):
    """What the user asked for: `--class NAME` or `--label X,…`."""

    name: str
    text: str


def label(command):
    """Adds --class and --label; the command gets the one that was given, or None, as `label`."""

    @click.option(
        "--class",
        "class_",
        metavar="NAME|N",
        help="A class, by its name or number. [by the seed, as frequent as in the training]",
    )
    @click.option(
        "--label", "vector", metavar="X,…", help="Any label, number by number, such as 1.0,7.5."
    )
    @functools.wraps(command)
    def with_label(*arguments, class_, vector, **others):
        given = {"--class": class_, "--label": vector}
        options = [LabelOption(*one) for one in given.items() if one[1] is not None]
        if len(options) > 1:
            raise click.UsageError("give either --class or --label")
        return command(*arguments, label=next(iter(options), None), **others)

    return with_label


source = click.argument("source", metavar="SRC")
trunc = click.option(
    "--trunc", default=PSI, show_default=True, help="Truncation ψ: 1 is off, 0 is the mean image."
)
trunc_cutoff = click.option(
    "--trunc-cutoff",
    default=CUTOFF,
    show_default=True,
    help="How many of the first layers are truncated.",
)
metrics = click.option(
    "--metrics",
    metavar="M,…",
    callback=_known_metrics,
    help="fid50k, kid50k, is50k, pr50k, dc50k, ppl_wfull, ls, fd_vgg16_50k, …",
)
plugin = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    is_eager=True,
    metavar="MODULE",
    callback=_load_plugins,
    help="Module that registers losses, penalties, metrics, …, on the Python path or in the "
    "current directory. Repeatable.",
)
