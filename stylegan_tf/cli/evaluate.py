"""`stylegan-tf evaluate`."""

import os
from pathlib import Path

import click

from stylegan_tf import json_lines
from stylegan_tf.cli import options, quiet
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.metrics import plot as plots
from stylegan_tf.metrics import records
from stylegan_tf.metrics.names import parse
from stylegan_tf.training.config import ONE_MACHINE

PLOT = "metrics.png"  # beside metrics.jsonl


@click.command("evaluate")
@click.argument("sources", metavar="SRC…", nargs=-1, required=True, type=click.Path(exists=True))
@options.metrics
@click.option("--data", metavar="D", help="Dataset of real pictures.  [default: that of the run]")
@click.option(
    "--features",
    multiple=True,
    metavar="NAME=FILE|URL",
    help="The weights of inception, vgg16, …, or a Keras model or SavedModel of yours for metrics "
    "such as fd_NAME_50k.",
)
@click.option("--classifiers", metavar="FILE", help="Of attributes, for ls.")
@click.option(
    "--mirror/--no-mirror", default=None, help="Real pictures mirrored, too.  [default: as the run]"
)
@click.option("--seed", default=0, show_default=True, help="Of the generated pictures.")
@click.option(
    "--batch", type=click.IntRange(1), help="Pictures at a time.  [default: as suits the machine]"
)
@click.option(
    "--strategy",
    type=click.Choice(ONE_MACHINE),
    default=ONE_MACHINE[0],
    show_default=True,
    help="One device, or all GPUs.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help=f"Where a line for each result is added.  [default: {records.FILE} of the run, or here]",
)
@click.option(
    "--plot",
    is_flag=False,
    flag_value="",
    metavar="[FILE.png]",
    help=f"Draw all lines of --out against kimg.  [without a FILE: {PLOT} beside them]",
)
def command(sources, metrics, out, plot, features, **asked):
    """Measure how good the pictures of trained networks are.

    SRC is a run directory (its newest snapshot is taken), a .keras file or an NVIDIA pickle; there
    can be several. Each result is printed and added to metrics.jsonl as soon as it is there.
    Without --metrics, --plot draws what was measured before.
    """
    if not metrics and plot is None:
        raise click.UsageError("nothing to do; give --metrics, such as fid50k, or --plot")
    places = {source: out or _place(source) for source in sources}
    known = {place: records.read(place) for place in places.values()}
    if plot is not None:
        plot = Path(plot) if plot else next(iter(known)).with_name(PLOT)
        plots.check(plot)
    if metrics:
        for place in known:
            _check_writable(place)
        _measure(places, metrics=metrics, sources=dict(map(_source, features)), **asked)
        known = {place: records.read(place) for place in known}
    if plot is not None:
        plots.draw(dict(zip(_names([*known]), known.values(), strict=True)), plot)
        click.echo(f"curves in {plot}")


def _place(source: str) -> Path:
    """The metrics.jsonl of a SRC."""
    return (records.run_of(source) or Path()) / records.FILE


def _names(places: list[Path]) -> list[str]:
    """What the curves of some metrics.jsonl are called: as their folders, or else their paths."""
    names = [place.resolve().parent.name for place in places]
    return names if len(set(names)) == len(names) else [str(place) for place in places]


def _check_writable(place: Path) -> None:
    """An hour later would be too late."""
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise click.UsageError(f"{place} cannot be written; give another --out")


def _source(text: str) -> tuple[str, str]:
    """ "NAME=FILE" → both."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise click.UsageError(f"--features {text}: write it as NAME=FILE")
    return name, file


def _measure(places: dict[str, Path], strategy: str, **asked) -> None:
    """Prints and keeps what metrics of networks come to."""
    quiet.load_tensorflow()
    from stylegan_tf.training import strategies

    where = strategies.make(strategy)
    if len(places) > 1:  # what is wrong with the last one is said before the first takes hours
        for source in places:
            _begin(source, where, **asked)
    for source, place in places.items():
        subject, results = _begin(source, where, **asked)
        if len(places) > 1:
            click.echo(f"{source}:")
        for result in results:
            json_lines.append(place, records.row_of(result, subject))
            click.echo(records.describe(result))
            for note in result.notes:
                click.echo(f"  {note}")


def _begin(source: str, strategy, metrics, data, mirror, seed, **asked):
    """What is measured, and its results: a checked iterator that has drawn nothing yet."""
    from stylegan_tf.loading import load, snapshot
    from stylegan_tf.metrics import WeightsMissing
    from stylegan_tf.metrics.evaluation import evaluate

    path = snapshot(Path(source))
    with strategy.scope():
        generator = load(path)
    run = _data_of_run(path)
    compared = generator.label_size or any(parse(name).compares for name in metrics)
    dataset = _dataset(data, run, needed=compared)
    mirror = bool(run and run.mirror) if mirror is None else mirror
    subject = records.Subject(
        path.name,
        records.kimg_of(path),
        *generator.grown_to,
        data=str(dataset.path) if dataset else None,
        mirror=mirror,
        seed=seed,
    )
    how = {"mirror": mirror, "seed": seed, "strategy": strategy, "progress": progress_of, **asked}
    try:
        return subject, evaluate(generator, dataset, metrics, **how)
    except WeightsMissing as error:
        raise click.UsageError(f"{error} (--features NAME=FILE)") from error


def _data_of_run(snapshot: Path):
    """What the run of a snapshot learned from; None where it is of none."""
    from stylegan_tf.training.run_dir import RunDir

    folder = records.run_of(snapshot)
    return RunDir(folder).config().data if folder else None


def _dataset(data: str | None, run, needed: bool):
    """The dataset asked for, or that of the run; where it is gone None, if none is needed."""
    from stylegan_tf import datasets

    path = data or (run and (run.path or datasets.bundled()))
    if data or (path and Path(path).exists()):
        return datasets.open(path)
    if needed:
        gone = f" ({path}, that of its run, is gone)" if path else ""
        raise click.UsageError(f"real pictures are needed{gone}; give --data")
    return None
