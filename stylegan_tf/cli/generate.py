"""`stylegan-tf generate`."""

from pathlib import Path

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of

BATCH = 8  # images between two reports of progress


@click.command("generate")
@options.source
@click.option("--seeds", default="0-15", show_default=True, help="Numbers and ranges: 0-15,42.")
@options.trunc
@options.trunc_cutoff
@label_options
@click.option(
    "--noise",
    type=click.Choice(["random", "constant", "none"]),
    default="random",
    show_default=True,
    help="Noise inputs: by the seed, as the network stores them, or none.",
)
@click.option("--grid", is_flag=True, help="Also write all images into one grid.png.")
@click.option("--outdir", default="out", show_default=True, help="Where the PNGs go.")
def command(source, seeds, trunc, trunc_cutoff, label, noise, grid, outdir):
    """Generate images from seeds with a trained network.

    SRC is a run directory (its newest snapshot is taken), a .keras file or an NVIDIA pickle. Writes
    seed0000.png and so on; a seed gives the same image whatever other seeds come with it.
    """
    process.load_tensorflow()
    import numpy as np

    from stylegan_tf import figures
    from stylegan_tf.latents import parse_seeds

    numbers = parse_seeds(seeds)
    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    say_labels(pipeline, label, numbers)
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    batches = []
    with progress_of("generating") as progress:
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            images = pipeline(some, trunc, trunc_cutoff, label=label, noise=noise, output_type="np")
            for seed, image in zip(some, images, strict=True):
                figures.save_png(image, folder / f"seed{seed:04d}.png")
            batches += [images] if grid else []
            progress(start + len(some), len(numbers))
    if grid:
        images = np.concatenate(batches)
        figures.save_grid(images, folder / "grid.png", columns=round(len(images) ** 0.5))
    click.echo(f"{len(numbers)} images in {folder}")
