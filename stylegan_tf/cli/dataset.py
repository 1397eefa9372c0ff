"""`stylegan-tf dataset`: make, describe and check datasets."""

import sys

import click

from stylegan_tf.cli import quiet
from stylegan_tf.cli.progress import progress_of


@click.group()
def command():
    """Make, describe and check datasets of TFRecord shards."""


@command.command()
@click.argument("src", type=click.Path())
@click.argument("dest", type=click.Path())
@click.option(
    "--resolution",
    type=int,
    metavar="PIXELS",
    help="Width and height to resize to: a power of two from 4 to 1024.  "
    "[default: that of the pictures]",
)
@click.option(
    "--crop",
    type=click.Choice(["center", "none"]),
    default="center",
    show_default=True,
    help="Cut out the middle square, or refuse what is not square.",
)
@click.option(
    "--channels",
    type=click.Choice(["1", "3", "4"]),
    default="3",
    show_default=True,
    help="1: grey, 3: colour, 4: with alpha. Without alpha, what is transparent becomes white.",
)
@click.option(
    "--labels",
    default="none",
    show_default=True,
    metavar="none|folders|FILE.json",
    help="Classes: none, the first folder of each picture, or a JSON file "
    '{"relative/name.png": class}, class being a name, an index or a list of numbers.',
)
@click.option("--skip-bad", is_flag=True, help="Leave out pictures that cannot be used.")
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Of the order of the pictures."
)
def create(src, dest, resolution, crop, channels, labels, skip_bad, seed):
    """Make the dataset DEST from SRC, a folder or a zip file of PNG, JPEG or WebP pictures.

    DEST appears when it is whole; after an error nothing is left behind.
    """
    quiet.load_tensorflow()
    from stylegan_tf import datasets

    with progress_of("preparing") as progress:
        dataset = datasets.create(
            src,
            dest,
            resolution=resolution,
            crop=crop,
            channels=int(channels),
            labels=labels,
            skip_bad=skip_bad,
            seed=seed,
            progress=progress,
        )
    for line in dataset.manifest.get("skipped", []):
        click.echo(f"skipped: {line}", err=True)
    click.echo(f"{dest}: {summary(dataset)}")


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
    if skipped := dataset.manifest.get("skipped"):
        click.echo(f"skipped: {len(skipped)} pictures when it was made")
    for key, value in dataset.manifest.get("notes", {}).items():
        click.echo(f"{key}: {value}")
    click.echo(f"fingerprint: {dataset.fingerprint}")


@command.command()
@click.argument("path", metavar="D", type=click.Path())
def verify(path):
    """Read all of the dataset D; print each problem and exit with 1 if there is any."""
    quiet.load_tensorflow()
    from stylegan_tf import datasets

    with progress_of("checking") as progress:
        problems = datasets.verify(path, progress=progress)
    for problem in problems:
        click.echo(f"{path}: {problem}")
    if problems:
        sys.exit(1)
    click.echo(f"{path}: {summary(datasets.open(path))}, no problems")


def summary(dataset) -> str:
    kind = {1: "grey", 3: "RGB", 4: "RGBA"}[dataset.channels]
    side = dataset.resolution
    return f"{dataset.num_images:,} pictures, {side}×{side} {kind}"
