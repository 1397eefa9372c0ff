"""Makes a preset of a run: python tools/make_preset.py RUN DEST.npz --about TEXT

DEST.npz gets the averaged generator of the newest snapshot and the discriminator of the newest
checkpoint, in float16. In `stylegan_tf/pretrained/` it is a preset, once its model card lies beside
it, DEST.md: the table that this prints belongs there.
"""

import sys
from pathlib import Path

import click

from stylegan_tf import checkpoints, loading
from stylegan_tf.metrics import records
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.pretrained import networks
from stylegan_tf.training.config import Config
from stylegan_tf.training.run_dir import RunDir

MAX_BYTES = 6_000_000
IMAGES = "images/.ATTRIBUTES/VARIABLE_VALUE"  # of a checkpoint: real images shown
NOT_TOLD = {"data.path", "data.fingerprint", "licence"}


def kimg_of(run: RunDir) -> float:
    """Returns the thousands of images that both networks have seen.

    Raises:
        ValueError: if they are of different moments, or there is no checkpoint.
    """
    checkpoint = checkpoints.newest(run.path)
    if checkpoint is None:
        raise ValueError(f"{run.path} holds no checkpoint, and so no discriminator")
    kimg = int(checkpoints.read(checkpoint, IMAGES)) / 1000
    snapshot = records.kimg_of(loading.snapshot(run.path))
    if snapshot != kimg:
        raise ValueError(
            f"the newest snapshot of {run.path} is of {snapshot} kimg, its newest checkpoint of "
            f"{kimg}: resume the run to its end"
        )
    return kimg


def card(run: RunDir, generator: Generator, discriminator: Discriminator, kimg: float) -> list[str]:
    """Returns a table for the model card, in Markdown."""
    config = run.config()
    resolution, fade = generator.grown_to
    counts = [f"{network.count_params():,}" for network in (generator, discriminator)]
    rows = [
        ("images", f"{resolution}×{resolution}×{generator.channels}"),
        ("real images shown", f"{kimg:g} thousand"),
        ("architecture", generator.architecture.upper()),
        ("parameters", f"generator {counts[0]}, discriminator {counts[1]}"),
        ("licence", generator.licence),
        ("settings", ", ".join(f"`{setting}`" for setting in settings(config))),
    ]
    rows += [("fade of the newest block", f"{fade:g}")] if fade < 1 else []
    snapshot = loading.snapshot(run.path).name
    for row in records.alike(records.read(run.metrics), snapshot=snapshot):
        numbers = (f"{name} {value:.4g}".strip() for name, value in records.parts(row).items())
        rows.append((row["metric"], ", ".join(numbers)))
    return ["| | |", "| --- | --- |", *(f"| {key} | {value} |" for key, value in rows)]


def settings(config: Config) -> list[str]:
    """Returns the settings that are not the defaults."""
    defaults = dict(Config().leaves())
    leaves = ((key, value) for key, value in config.leaves() if key not in NOT_TOLD)
    return [f"{key} = {value}" for key, value in leaves if value != defaults[key]]


@click.command()
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("dest", metavar="DEST.npz", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--about", required=True, help="What it is, in one line.")
@click.option(
    "--licence",
    default="Apache-2.0",
    show_default=True,
    help="Terms of the weights, unless the run started from networks that have some.",
)
def main(run, dest, about, licence):
    """Make a preset of a run, and print a table for its model card."""
    run = RunDir(run)
    try:
        kimg = kimg_of(run)
        generator, discriminator = loading.load(run.path), loading.load_discriminator(run.path)
        generator.licence = generator.licence or licence
        networks.save(dest, generator, discriminator, about, kimg)
    except ValueError as error:
        sys.exit(f"make_preset.py: {error}")
    size = dest.stat().st_size
    if size > MAX_BYTES:
        dest.unlink()
        sys.exit(
            f"make_preset.py: it takes {size / 1e6:.1f} MB, and {MAX_BYTES / 1e6:g} are allowed"
        )
    click.echo(f"{dest}: {size / 1e6:.2f} MB\n")
    click.echo("\n".join(card(run, generator, discriminator, kimg)))


if __name__ == "__main__":
    main()
