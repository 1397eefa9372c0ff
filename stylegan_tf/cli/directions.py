"""`stylegan-tf directions`."""

import re
from pathlib import Path
from typing import Any

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_all_labels, say_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of

SAMPLES = 10_000  # w from which lengths and principal components are taken


class Names(click.ParamType):
    """Some of a list of names, with commas between."""

    def __init__(self, *names):
        self.names = names
        self.name = ",".join(names)

    def convert(self, value, param, ctx):
        """Returns the names as a list."""
        chosen = value.split(",")
        for name in chosen:
            if name not in self.names:
                self.fail(f"{name!r} is not one of {', '.join(self.names)}", param, ctx)
        return chosen


@click.command("directions")
@options.source
@click.option("--outdir", default="out", show_default=True, help="Where everything goes.")
@click.option(
    "--methods",
    type=Names("sefa", "pca"),
    default="sefa,pca",
    show_default=True,
    help="Factorization of the style affines, principal components of w.",
)
@click.option(
    "--labels",
    metavar="CSV|DIR",
    help="Also a direction by labelled seeds: a CSV of seed,NAME,… with 0 and 1, or images of "
    "seeds in folders 0 and 1.",
)
@click.option("--count", default=8, show_default=True, help="Directions of each method.")
@click.option("--layers", help="Numbers and ranges of layers to move: 0-3.  [default: all]")
@click.option("--seeds", default="0-3", show_default=True, help="Rows of the sheets: 0-3,42.")
@options.found
@options.trunc
@options.trunc_cutoff
@label_options
@click.option("--seed", default=0, show_default=True, help="Of the sampled w.")
def command(
    source, outdir, methods, labels, count, layers, seeds, found, trunc, trunc_cutoff, label, seed
):
    """Find directions in w that change images.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. Writes directions.npz, which `stylegan-tf
    explore --directions` makes sliders of, and a sheet for each direction: seeds, or what --w
    names, by steps of -3 to 3 standard deviations.
    """
    if count < 1:
        raise click.UsageError(f"--count is {count}; it must be 1 or more")
    process.load_tensorflow()
    from stylegan_tf import directions
    from stylegan_tf.directions.labels import read_labels
    from stylegan_tf.figures import Sampler
    from stylegan_tf.latents import parse_seeds

    numbers = options.seeds_beside(found, seeds)
    chosen = parse_seeds(layers, "--layers") if layers else None
    labelled = read_labels(labels) if labels else {}
    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    generator = pipeline.generator
    by_seed = options.found_by_seed(found, generator)
    sampler = Sampler(generator, label, trunc, trunc_cutoff, found=by_seed)
    sampler.require("styles")
    _check_layers(chosen, sampler.num_ws)
    say_all_labels(pipeline, label)
    say_labels(pipeline, label, numbers)
    w = directions.sample_w(generator, SAMPLES, seed, label)
    result: dict[str, Any] = {}
    if "sefa" in methods:
        result |= directions.factorized(
            generator, w, chosen or range(sampler.num_ws), count, "sefa"
        )
    if "pca" in methods:
        result |= directions.principal(w, count, "pca")
    result |= _from_labels(sampler, labelled)
    if chosen:
        result = directions.in_layers(result, chosen, generator.num_ws)
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    directions.save(result, folder / "directions.npz")
    _save_sheets(sampler, result, [*by_seed, *numbers], folder)
    click.echo(f"{len(result)} directions in {folder}/directions.npz, a sheet of each beside it")


def _check_layers(layers, count: int) -> None:
    if layers and max(layers) >= count:
        raise click.UsageError(f"--layers names {max(layers)}; the last layer is {count - 1}")


def _from_labels(sampler, labelled) -> dict:
    """Returns a direction for each labelled name, and prints how well it separates the seeds."""
    from stylegan_tf.directions import classified

    result = {}
    for name, (seeds, labels) in labelled.items():
        try:
            result[name], accuracy = classified(sampler.sample_w(seeds).numpy(), labels)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        click.echo(f"{name}: {accuracy:.0%} of {len(seeds)} seeds are told apart (cross-validated)")
    return result


def _save_sheets(sampler, result, seeds, folder: Path) -> None:
    from stylegan_tf.directions import sheet
    from stylegan_tf.figures import save_png

    total = len(result) * len(seeds) * len(sheet.STEPS)
    with progress_of("drawing sheets") as progress:
        for number, (name, direction) in enumerate(result.items(), start=1):
            file = re.sub(r"[^\w.-]+", "-", name)
            save_png(sheet.draw(sampler, direction, seeds), folder / f"{file}.png")
            progress(total * number // len(result), total)
