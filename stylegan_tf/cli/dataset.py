"""`stylegan-tf dataset`."""

import sys

import click

from stylegan_tf.cli import progress


@click.group("dataset")
def command():
    """Make, describe and check datasets of TFRecord shards."""


@command.command("create")
@click.argument("src", metavar="SRC")
@click.argument("dest", metavar="DEST")
@click.option("--resolution", type=int, help="Resize to this many pixels. [that of the pictures]")
@click.option(
    "--crop",
    type=click.Choice(["center", "none"]),
    default="center",
    show_default=True,
    help="Cut out the middle square, or take square pictures only.",
)
@click.option("--channels", type=click.Choice(["1", "3", "4"]), default="3", show_default=True)
@click.option(
    "--labels",
    default="none",
    show_default=True,
    metavar="none|folders|FILE",
    help="No labels, the folders at the top, or a JSON file that maps names to classes.",
)
@click.option("--skip-bad", is_flag=True, help="Leave out pictures that cannot be used.")
@click.option("--seed", default=0, show_default=True, help="Of the order of the pictures.")
def create(src, dest, resolution, crop, channels, labels, skip_bad, seed):
    """Make a dataset DEST of SRC, a folder or a zip of pictures (PNG, JPEG, WebP)."""
    from stylegan_tf import datasets

    with progress.pictures("pictures") as advance:
        dataset = datasets.create(
            src,
            dest,
            resolution=resolution,
            crop=crop,
            channels=int(channels),
            labels=labels,
            skip_bad=skip_bad,
            seed=seed,
            progress=advance,
        )
    for line in dataset.skipped:
        click.echo(f"skipped {line}")
    click.echo(
        f"{dest}: {dataset.num_images:,} pictures, {dataset.resolution}×{dataset.resolution}"
        f"×{dataset.channels}, {len(dataset.manifest.shards)} shards"
    )


@command.command("info")
@click.argument("path", metavar="D")
def info(path):
    """Describe a dataset."""
    from stylegan_tf import datasets

    dataset = datasets.open(path)
    manifest = dataset.manifest
    size = sum(shard.bytes for shard in manifest.shards)
    click.echo(f"pictures    {manifest.num_images:,}")
    click.echo(f"resolution  {manifest.resolution}×{manifest.resolution}×{manifest.channels}")
    click.echo(f"labels      {manifest.label_size or 'none'}")
    for number, name in enumerate(manifest.label_names):
        click.echo(f"            {number} {name}")
    click.echo(f"shards      {len(manifest.shards)}, {size / 2**20:.1f} MB")
    click.echo(f"SHA-256     {manifest.fingerprint}")
    for key, value in manifest.notes.items():
        click.echo(f"{key:<11} {value}")


@command.command("verify")
@click.argument("path", metavar="D")
def verify(path):
    """Check every byte of a dataset; exit code 1 if something is wrong."""
    from stylegan_tf import datasets

    with progress.pictures("pictures") as advance:
        problems = datasets.verify(path, progress=advance)
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo(f"{path}: all is well")
