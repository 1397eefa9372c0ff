"""`stylegan-tf generate`."""

from pathlib import Path

import click

from stylegan_tf.cli import options, quiet
from stylegan_tf.cli.progress import progress_of

BATCH = 8  # pictures at once: memory stays small at 1024×1024


@click.command("generate")
@options.source
@click.option("--seeds", default="0-15", show_default=True, help="Numbers and ranges: 0-15,42.")
@options.trunc
@options.trunc_cutoff
@options.label
@click.option(
    "--noise",
    type=click.Choice(["random", "constant", "none"]),
    default="random",
    show_default=True,
    help="Noise inputs: by the seed, the stored images, or none.",
)
@click.option("--grid", is_flag=True, help="Also write all pictures into one grid.png.")
@click.option("--outdir", default="out", show_default=True, help="Where the PNGs go.")
def command(source, seeds, trunc, trunc_cutoff, label, noise, grid, outdir):
    """Generate pictures from seeds with a trained network.

    SRC is a run directory (its newest snapshot is taken), a .keras file or an NVIDIA pickle. Writes
    seed0000.png and so on; a seed gives the same picture whatever other seeds come with it.
    """
    quiet.load_tensorflow()
    from stylegan_tf import figures
    from stylegan_tf.drawing import Drawing, from_seeds
    from stylegan_tf.latents import parse_seeds
    from stylegan_tf.loading import load

    numbers = parse_seeds(seeds)
    generator = load(source)
    draw = from_seeds(Drawing(generator, trunc_cutoff, noise), trunc, label)
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    with progress_of("generating") as progress:
        for start in range(0, len(numbers), BATCH):
            chosen = numbers[start : start + BATCH]
            images = draw(chosen)
            for seed, image in zip(chosen, images, strict=True):
                figures.save_png(image, folder / f"seed{seed:04d}.png")
            pictures += list(images) if grid else []
            progress(min(start + BATCH, len(numbers)), len(numbers))
    if grid:
        _save_grid(pictures, folder / "grid.png")
    click.echo(f"{len(numbers)} pictures in {folder}")


def _save_grid(pictures, path):
    import numpy as np

    from stylegan_tf.figures import save_grid

    save_grid(np.stack(pictures), path, columns=round(len(pictures) ** 0.5))
