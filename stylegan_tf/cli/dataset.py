"""`stylegan-tf dataset`: make, describe, check and unpack datasets."""

import sys

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.process import RESUMABLE, stopped_by_sigterm
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.datasets.options import CROPS, FORMATS, MODES


@click.group("dataset")
def command():
    """Make, describe, check and unpack datasets of TFRecord shards."""


@command.command()
@click.argument("src", type=click.Path())
@click.argument("dest", type=click.Path())
@click.option(
    "--resolution",
    type=int,
    metavar="PIXELS",
    help="Width and height to resize to: a power of two from 4 to 1024.  "
    "[default: that of the images]",
)
@click.option(
    "--crop",
    type=click.Choice(CROPS),
    default="center",
    show_default=True,
    help="center: cut the middle square out; letterbox: keep all and add margins; celeba: the "
    "published 128×128 pixels of CelebA's aligned faces; none: refuse what is not square.",
)
@click.option(
    "--channels",
    type=click.Choice([str(channels) for channels in MODES]),
    help="1: grey, 3: RGB, 4: RGBA. Without alpha, what is transparent becomes white.  "
    "[default: those of an IDX, CIFAR or TFRecord source; 3 otherwise]",
)
@click.option(
    "--labels",
    default="source",
    show_default=True,
    metavar="source|none|folders|FILE",
    help="Classes: those that SRC itself has, none, the first folder of each image, or a JSON "
    'file {"relative/name.png": class}, class being a name, an index or a list of numbers; or '
    "CelebA's list_attr_celeba.txt.",
)
@click.option("--skip-bad", is_flag=True, help="Leave out images that cannot be used.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the order of the images.")
@click.option("--no-shuffle", is_flag=True, help="Keep the order of the source.")
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="shards",
    show_default=True,
    help="Shards to train on here, or the multi-resolution TFRecords of NVIDIA's code.",
)
@options.plugin
def create(
    src, dest, resolution, crop, channels, labels, skip_bad, seed, no_shuffle, format, plugins
):
    """Make the dataset DEST from SRC.

    SRC is a folder or a zip of PNG, JPEG or WebP images, or one of the forms in which data sets
    are published: IDX (MNIST), CIFAR-10 and CIFAR-100 as .tar.gz or folder, LMDB (LSUN), NVIDIA's
    TFRecords; or what a data source of a --plugin recognises.

    DEST appears when it is complete; after an error nothing is left behind. Ctrl-C and SIGTERM end
    it with exit code 75, and the same command resumes from there.
    """
    del plugins  # the option has imported them
    process.load_tensorflow()
    from stylegan_tf import datasets

    try:
        with stopped_by_sigterm(), progress_of("preparing") as progress:
            dataset = datasets.create(
                src,
                dest,
                resolution=resolution,
                crop=crop,
                channels=int(channels) if channels else None,
                labels=labels,
                skip_bad=skip_bad,
                seed=None if no_shuffle else seed,
                format=format,
                progress=progress,
                say=lambda line: click.echo(line, err=True),
            )
    except KeyboardInterrupt:
        click.echo("stopped: the same command resumes from here", err=True)
        sys.exit(RESUMABLE)
    except datasets.BadImages as error:
        if len(error.lines) > error.shown:
            for line in error.lines:
                click.echo(f"bad: {line}", err=True)
        raise
    for line in dataset.manifest.get("skipped", []):
        click.echo(f"skipped: {line}", err=True)
    click.echo(f"{dest}: {summary(dataset)}")
    _say_folders(dataset)


@command.command()
@click.argument("path", metavar="D", type=click.Path())
def info(path):
    """Describe the dataset D."""
    from stylegan_tf import datasets

    dataset = datasets.open(path)
    shards = dataset.manifest["shards"]
    click.echo(f"{path}: {summary(dataset)}")
    click.echo(f"shards: {len(shards)}, {sum(s['bytes'] for s in shards) / 1e6:.1f} MB")
    if dataset.label_size:
        names = ", ".join(dataset.label_names) or "no names"
        click.echo(f"labels: {dataset.label_size} ({names})")
    _say_folders(dataset)
    if skipped := dataset.manifest.get("skipped"):
        click.echo(f"skipped: {len(skipped)} images when it was made")
    for key, value in dataset.manifest.get("notes", {}).items():
        click.echo(f"{key}: {value}")
    click.echo(f"fingerprint: {dataset.fingerprint}")


@command.command()
@click.argument("path", metavar="D", type=click.Path())
def verify(path):
    """Read all of the dataset D; print each problem and exit with 1 if there is any."""
    process.load_tensorflow()
    from stylegan_tf import datasets

    with progress_of("checking") as progress:
        problems = datasets.verify(path, progress=progress)
    for problem in problems:
        click.echo(f"{path}: {problem}")
    if problems:
        sys.exit(1)
    click.echo(f"{path}: {summary(datasets.open(path))}, no problems")


@command.command()
@click.argument("path", metavar="D", type=click.Path())
@click.argument("dest", metavar="DIR", type=click.Path())
def extract(path, dest):
    """Write the images of the dataset D into DIR as PNG files, with their labels.

    Margins that --crop letterbox added are cut away. Labels go into DIR/dataset.json.
    """
    process.load_tensorflow()
    from stylegan_tf import datasets

    with stopped_by_sigterm(), progress_of("extracting") as progress:
        datasets.extract(path, dest, progress=progress)
    click.echo(f"{dest}: {summary(datasets.open(path))}")


def summary(dataset) -> str:
    """Returns what a dataset holds in a few words."""
    kind = {1: "grey", 3: "RGB", 4: "RGBA"}[dataset.channels]
    side = dataset.resolution
    return f"{dataset.num_images:,} images, {side}×{side} {kind}"


def _say_folders(dataset) -> None:
    """Prints which folders could be classes."""
    from stylegan_tf.datasets.errors import and_more

    if folders := dataset.unused_folders:
        click.echo(
            f"no labels, but {len(folders)} folders ({and_more(folders)}): "
            "--labels folders makes them classes"
        )
