"""`stylegan-tf generate`."""

from pathlib import Path
from typing import Any

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.messages import counted

BATCH = 8  # images between two reports of progress


@click.command("generate")
@options.source
@click.option("--seeds", default="0-15", show_default=True, help="Numbers and ranges: 0-15,42.")
@options.found
@options.trunc
@options.trunc_cutoff
@label_options
@click.option(
    "--noise",
    type=click.Choice(["random", "constant", "none"]),
    default="random",
    show_default=True,
    help="Noise inputs: by the seed, as the network stores them, or none. Of --w: [what was found]",
)
@click.option("--grid", is_flag=True, help="Also write all images into one grid.png.")
@click.option("--outdir", default="out", show_default=True, help="Where the PNGs go.")
def command(source, seeds, found, trunc, trunc_cutoff, label, noise, grid, outdir):
    """Generate images from seeds with a trained network.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. Writes seed0000.png and so on; a seed gives
    the same image whatever other seeds come with it. --w writes w0000.png and so on, with the noise
    that was found unless --noise is given; --seeds then only if they are given.
    """
    process.load_tensorflow()
    import numpy as np

    from stylegan_tf import figures

    numbers = options.seeds_beside(found, seeds)
    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    projections = options.read_found(found, pipeline.generator)
    noise_of_w = noise if options.is_given("noise") else "found"
    say_labels(pipeline, label, numbers)
    folder = Path(outdir)
    folder.mkdir(parents=True, exist_ok=True)
    batches = []
    total = len(projections) + len(numbers)
    with progress_of("generating") as progress:
        for number, projection in enumerate(projections):
            images = found_image(pipeline, projection, number, noise_of_w)
            figures.save_png(images[0], folder / f"w{number:04d}.png")
            batches += [images] if grid else []
            progress(number + 1, total)
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            images = pipeline(some, trunc, trunc_cutoff, label=label, noise=noise, output_type="np")
            for seed, image in zip(some, images, strict=True):
                figures.save_png(image, folder / f"seed{seed:04d}.png")
            batches += [images] if grid else []
            progress(len(projections) + start + len(some), total)
    if grid:
        images = np.concatenate(batches)
        figures.save_grid(images, folder / "grid.png", columns=round(len(images) ** 0.5))
    click.echo(f"{counted(total, 'image')} in {folder}")


def found_image(pipeline, projection, number: int, noise: str):
    """Returns the image of a `Projection`, uint8 [1, R, R, C].

    Args:
        pipeline: of the network.
        projection: what was found.
        number: of the projection, the seed of random noise.
        noise: `"found"`, or as --noise.
    """
    from stylegan_tf import generation

    if noise == "found":
        return projection.image(pipeline.generator)[None]
    chosen: Any = noise
    if noise == "random":
        _, chosen = generation.sample_inputs(pipeline.generator, [number])
    w = projection.styles(pipeline.generator)[None]
    return pipeline.synthesize(w, chosen, output_type="np")
