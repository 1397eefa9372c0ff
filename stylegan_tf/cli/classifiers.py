"""`stylegan-tf classifiers`."""

from pathlib import Path

import click

from stylegan_tf.cli import process
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.defaults import CLASSIFIERS_KIMG


@click.command("classifiers")
@click.argument("path", metavar="D", type=click.Path())
@click.option("--out", required=True, metavar="FILE.keras", help="Where the classifiers go.")
@click.option(
    "--resolution",
    type=int,
    metavar="PIXELS",
    help="Of the images that they take.  [default: that of D, at most 256]",
)
@click.option(
    "--kimg",
    default=CLASSIFIERS_KIMG,
    type=float,
    show_default=True,
    help="Thousands of images shown.",
)
@click.option(
    "--mirror", is_flag=True, help="Flip half of the images: where left and right do not matter."
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Of the weights, the images that are held out, and the order of the others.",
)
def command(path, out, resolution, kimg, mirror, seed):
    """Train classifiers of attributes from the labels of the dataset D.

    They are one small network with a logit for each number of a label, a plain Keras model, which
    `stylegan-tf evaluate --metrics ls --classifiers FILE.keras` asks about generated images. A
    tenth of the images is held out and tells how often each is right.
    """
    out = Path(out)
    if out.suffix != ".keras":
        raise click.UsageError(f"--out {out} must end in .keras")
    if not out.absolute().parent.is_dir():
        raise click.UsageError(f"--out {out}: there is no folder {out.parent}")
    process.load_tensorflow()
    from stylegan_tf import datasets
    from stylegan_tf.metrics import classifiers

    trained = classifiers.train(
        datasets.open(path), resolution, kimg, mirror, seed, progress=progress_of
    )
    classifiers.save(trained.model, trained.names, out)
    click.echo(f"right about {trained.held_out:,} images that were held out:")
    width = max(map(len, trained.names))
    for name, right, share in zip(trained.names, trained.accuracy, trained.shares, strict=True):
        blind = max(share, 1 - share)
        click.echo(f"{name:<{width}}  {right:6.1%}  (without looking {blind:.1%})")
    click.echo(f"{out}: {len(trained.names)} attributes")
