"""`stylegan-tf evaluate`."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.training.config import ONE_MACHINE

FILE, PLOT = "metrics.jsonl", "metrics.png"  # the second beside the first


@click.command("evaluate")
@click.argument("sources", metavar="SRC…", nargs=-1, required=True)
@options.plugin
@options.metrics
@click.option("--data", metavar="D", help="Dataset of real images.  [default: that of the run]")
@click.option(
    "--features",
    multiple=True,
    metavar="NAME=FILE|URL",
    help="The weights of inception, vgg16, …, or a Keras model or SavedModel of yours for metrics "
    "such as fd_NAME_50k.",
)
@click.option("--classifiers", metavar="FILE", help="Of attributes, for ls.")
@click.option(
    "--mirror/--no-mirror", default=None, help="Real images mirrored, too.  [default: as the run]"
)
@click.option("--seed", default=0, show_default=True, help="Of the generated images.")
@click.option(
    "--batch", type=click.IntRange(1), help="Images at a time.  [default: as suits the machine]"
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
    help=f"Where a line for each result is added.  [default: {FILE} of the run, or here]",
)
@click.option(
    "--plot",
    is_flag=False,
    flag_value="",
    metavar="[FILE.png]",
    help=f"Draw all lines of --out against kimg.  [without a FILE: {PLOT} beside them]",
)
def command(
    sources,
    metrics,
    data,
    features,
    classifiers,
    mirror,
    seed,
    batch,
    strategy,
    out,
    plot,
    plugins,  # they are imported already
):
    """Measure how good the images of trained networks, or of other programs, are.

    SRC is a preset, a run directory (its newest snapshot is taken), a .keras file or an NVIDIA
    pickle, by its path or URL, or a folder or zip of images, of the size of those of --data; there
    can be several. Each result is printed and added to metrics.jsonl as soon as it is there.
    Without --metrics, --plot draws what was measured before.
    """
    from stylegan_tf.metrics import plot as plots
    from stylegan_tf.metrics import records
    from stylegan_tf.pretrained.sources import locate

    if not metrics and plot is None:
        raise click.UsageError("nothing to do; give --metrics, such as fid50k, or --plot")
    paths = {source: locate(source) for source in sources}
    places = {source: out or _place(path) for source, path in paths.items()}
    known = {place: records.read(place) for place in places.values()}
    if plot is not None:
        plot = Path(plot) if plot else next(iter(known)).with_name(PLOT)
        plots.check(plot)
    if metrics:
        for place in known:
            _check_writable(place)
        weights = dict(map(_name_and_file, features))
        job = Job(metrics, data, weights, classifiers, mirror, seed, batch)
        _measure(paths, places, strategy, job)
        known = {place: records.read(place) for place in known}
    if plot is not None:
        plots.draw(dict(zip(_names([*known]), known.values(), strict=True)), plot)
        click.echo(f"curves in {plot}")


def _place(source: Path) -> Path:
    """Returns the metrics.jsonl of a SRC."""
    from stylegan_tf.metrics import records

    run = None if _is_images(source) else records.run_of(source)
    return (run or Path()) / FILE


def _names(places: list[Path]) -> list[str]:
    """Returns names for the curves of some metrics.jsonl: their folders', or else their paths."""
    names = [place.resolve().parent.name for place in places]
    return names if len(set(names)) == len(names) else [str(place) for place in places]


def _check_writable(place: Path) -> None:
    """Raises UsageError for a file that cannot be written: an hour later would be too late."""
    if not os.access(place if place.exists() else place.parent, os.W_OK):
        raise click.UsageError(f"{place} cannot be written; give another --out")


def _name_and_file(text: str) -> tuple[str, str]:
    """Returns both of "NAME=FILE"."""
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise click.UsageError(f"--features {text}: write it as NAME=FILE")
    return name, file


@dataclass(frozen=True)
class Job:
    """What is measured of each SRC: the options of the same names; `weights` are --features."""

    metrics: list[str]
    data: str | None
    weights: dict[str, str]
    classifiers: str | None
    mirror: bool | None
    seed: int
    batch: int | None


def _measure(paths: dict[str, Path], places: dict[str, Path], strategy: str, job: Job) -> None:
    """Prints and keeps the results of each SRC: at a path, by their place in a metrics.jsonl."""
    process.load_tensorflow()
    from stylegan_tf import json_lines
    from stylegan_tf.metrics import records
    from stylegan_tf.training import strategies

    where = strategies.make(strategy)
    if len(places) > 1:  # what is wrong with the last one is said before the first takes hours
        for path in paths.values():
            _begin(path, where, job)
    for source, place in places.items():
        subject, generator, results = _begin(paths[source], where, job)
        if len(places) > 1:
            click.echo(f"{source}:")
        if generator.label_size:
            click.echo(f"labels of generated images: as frequent as in {subject.data}")
        for result in results:
            json_lines.append(place, records.row_of(result, subject))
            click.echo(records.describe(result))
            for note in result.notes:
                click.echo(f"  {note}")


def _begin(source: Path, strategy, job: Job):
    """Returns what is measured, its generator, and a checked iterator that has computed nothing."""
    from stylegan_tf.metrics import WeightsMissing, evaluation, records

    opened = _of_images(source, job) if _is_images(source) else _of_network(source, strategy, job)
    resolution, fade = opened.generator.grown_to
    subject = records.Subject(
        opened.name,
        opened.kimg,
        resolution,
        fade,
        data=str(opened.dataset.path) if opened.dataset else None,
        mirror=opened.mirror,
        seed=job.seed,
    )
    try:
        results = evaluation.evaluate(
            opened.generator,
            opened.dataset,
            job.metrics,
            sources=job.weights,
            classifiers=job.classifiers,
            mirror=opened.mirror,
            seed=job.seed,
            batch=job.batch,
            strategy=strategy,
            progress=progress_of,
        )
    except WeightsMissing as error:
        raise click.UsageError(f"{error} (--features NAME=FILE)") from error
    return subject, opened.generator, results


def _is_images(source: Path) -> bool:
    """Returns whether a SRC is a folder or zip of images."""
    from stylegan_tf.metrics import image_files

    return image_files.are_images(source)


@dataclass(frozen=True)
class Opened:
    """A SRC with what it is compared with: a `Generator` or `ImageFiles`, and a dataset or None."""

    name: str
    kimg: float | None
    generator: Any
    dataset: Any
    mirror: bool


def _of_images(source: Path, job: Job) -> Opened:
    """Opens a folder or zip of images."""
    from stylegan_tf.metrics.image_files import ImageFiles

    dataset = _dataset(job.data, None, needed=_any_compares(job))
    return Opened(
        source.name, None, ImageFiles(source, dataset, job.seed), dataset, bool(job.mirror)
    )


def _of_network(source: Path, strategy, job: Job) -> Opened:
    """Loads a network, and opens the dataset of its run unless there is --data."""
    from stylegan_tf.loading import load, snapshot
    from stylegan_tf.metrics import records

    path = snapshot(source)
    with strategy.scope():
        generator = load(path)
    run = _data_of_run(path)
    dataset = _dataset(job.data, run, needed=bool(generator.label_size) or _any_compares(job))
    mirror = bool(run and run.mirror) if job.mirror is None else job.mirror
    return Opened(path.name, records.kimg_of(path), generator, dataset, mirror)


def _any_compares(job: Job) -> bool:
    """Returns whether a metric needs real images."""
    from stylegan_tf.metrics.names import parse

    return any(parse(name).metric.compares for name in job.metrics)


def _data_of_run(snapshot: Path):
    """Returns the `data` of the configuration of a snapshot's run; None where it is of none."""
    from stylegan_tf.metrics import records
    from stylegan_tf.training.run_dir import RunDir

    folder = records.run_of(snapshot)
    return RunDir(folder).config().data if folder else None


def _dataset(data: str | None, run, needed: bool):
    """Opens --data, or the dataset of the run; where that is gone returns None, if none is needed.

    Args:
        data: --data.
        run: the `data` of the run's configuration; None without a run.
        needed: whether real images, or their labels, are needed.
    """
    from stylegan_tf import datasets

    path = data or (run and (run.path or datasets.bundled()))
    if data or (path and Path(path).exists()):
        return datasets.open(path)
    if needed:
        gone = f" ({path}, that of its run, is gone)" if path else ""
        raise click.UsageError(f"real images are needed{gone}; give --data")
    return None
