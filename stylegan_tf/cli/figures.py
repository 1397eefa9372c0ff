"""`stylegan-tf figures`."""

from importlib import import_module
from pathlib import Path

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.messages import did_you_mean

MAX_SEEDS = 32  # of a figure: the uncurated images
# By name, what a figure needs of the network. It is drawn by the module of that name, with _ for -.
FIGURES = {
    "uncurated": None,
    "mixing": "styles",
    "noise-detail": "noise",
    "noise-components": "noise",
    "truncation": "styles",
    "antiface": "styles",
}


@click.command("figures")
@options.source
@click.option("--only", metavar="NAME,…", help=f"Of {', '.join(FIGURES)}.  [default: all]")
@click.option("--seed", default=0, show_default=True, help="The first; a figure counts on from it.")
@options.found
@options.trunc
@options.trunc_cutoff
@label_options
@click.option("--outdir", required=True, help="Where the PNGs go.")
def command(source, only, seed, found, trunc, trunc_cutoff, label, outdir):
    """Draw the figures of the paper with a trained network.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. Writes NAME.png for each figure. Those for
    which the network has no styles or no noise (architectures A to D) are left out, with a line
    that says so. What --w names takes the places of the first seeds.
    """
    names = requested(only)
    if seed < 0:
        raise click.UsageError(f"--seed is {seed}; it must be 0 or more")
    process.load_tensorflow()
    from stylegan_tf import figures

    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    by_seed = options.found_by_seed(found, pipeline.generator, first=seed, step=1)
    sampler = figures.Sampler(pipeline.generator, label, trunc, trunc_cutoff, found=by_seed)
    say_labels(pipeline, label, range(seed + len(by_seed), seed + MAX_SEEDS))
    names_to_draw = [name for name in names if is_supported(sampler, name, insist=only is not None)]
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names_to_draw:
        with progress_of(name) as sampler.progress:
            page = module_of(name).draw(sampler, seed)
        figures.save_png(page, folder / f"{name}.png")
        click.echo(f"{folder / name}.png")


def requested(only: str | None) -> list[str]:
    """Returns the names of --only, each once, or all names."""
    names = [part.strip() for part in only.split(",")] if only is not None else list(FIGURES)
    for name in names:
        if name not in FIGURES:
            raise click.UsageError(f"--only: {name!r} is no figure{did_you_mean(name, FIGURES)}")
    return list(dict.fromkeys(names))


def is_supported(sampler, name: str, insist: bool) -> bool:
    """Returns whether the network has what a figure needs; `insist` makes it an error if not."""
    try:
        if FIGURES[name]:
            sampler.require(FIGURES[name])
    except ValueError as error:
        if insist:
            raise ValueError(f"{name}: {error}") from None
        click.echo(f"{name} left out: {error}", err=True)
        return False
    return True


def module_of(name: str):
    """Returns the module that draws a figure."""
    return import_module(f"stylegan_tf.figures.{name.replace('-', '_')}")
