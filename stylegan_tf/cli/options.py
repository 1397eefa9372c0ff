"""What several commands take: options as decorators, and the network that they call SRC."""

from collections.abc import Collection

import click
from click.core import ParameterSource

from stylegan_tf import plugins
from stylegan_tf.cli import process
from stylegan_tf.defaults import CUTOFF, PSI


def _load_plugins(ctx, param, names: tuple[str, ...]) -> list[str] | None:
    """Imports what registers, before any other option is resolved."""
    if not names:
        return None
    try:
        process.expect_tensorflow()  # most of them import it
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


source = click.argument("source", metavar="SRC")
trunc = click.option(
    "--trunc",
    type=float,
    help=f"Truncation ψ: 1 is off, 0 is the mean image.  [default: {PSI}, or 1 without w]",
)
trunc_cutoff = click.option(
    "--trunc-cutoff",
    default=CUTOFF,
    show_default=True,
    help="How many of the first layers are truncated.",
)
found = click.option(
    "--w",
    "found",
    multiple=True,
    metavar="FILE.npz",
    help="w.npz of `stylegan-tf project`, in the place of a seed; not truncated. Repeatable.",
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


def open_source(source: str):
    """Returns the `Pipeline` of a preset, a run directory, a .keras file or an NVIDIA pickle.

    Raises:
        ValueError: if it is none of these.
    """
    from stylegan_tf.pipeline import Pipeline

    return Pipeline.from_pretrained(source)


def read_found(files: tuple[str, ...], generator) -> list:
    """Returns the `Projection` of each file of --w.

    Raises:
        ValueError: naming the file, if it is none or was found with a network of other sizes.
    """
    from stylegan_tf.projection import load

    if files:
        generator.require_w("there is nothing that --w could be")
    projections = []
    for file in files:
        projection = load(file)
        try:
            projection.styles(generator)
        except ValueError as error:
            raise ValueError(f"--w {file}: {error}") from None
        projections.append(projection)
    return projections


def found_by_seed(files: tuple[str, ...], generator, first: int = -1, step: int = -1) -> dict:
    """Returns w [L, w_size] of the files of --w by the seeds whose places they take.

    Args:
        files: what the user gave.
        generator: whose w they are.
        first: the seed of the first; nobody types those below 0.
        step: from one to the next.
    """
    projections = read_found(files, generator)
    return {first + step * n: one.styles(generator) for n, one in enumerate(projections)}


def seeds_beside(found: Collection, seeds: str) -> list[int]:
    """Returns the numbers of --seeds; beside --w only if --seeds was given."""
    from stylegan_tf.latents import parse_seeds

    return [] if found and not is_given("seeds") else parse_seeds(seeds)


def is_given(parameter: str) -> bool:
    """Returns whether the user gave a parameter of the command that runs."""
    source = click.get_current_context().get_parameter_source(parameter)
    return source is not ParameterSource.DEFAULT
