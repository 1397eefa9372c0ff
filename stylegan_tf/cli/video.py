"""`stylegan-tf video`."""

import importlib.util
from pathlib import Path

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of

NEEDED = {"imageio": "imageio", "imageio_ffmpeg": "imageio-ffmpeg", "scipy": "scipy"}


@click.command("video")
@options.source
@click.option("--seeds", default="0-7", show_default=True, help="Numbers and ranges: 0-7,42.")
@click.option(
    "--kind",
    type=click.Choice(["z", "w", "mixing", "noise"]),
    default="w",
    show_default=True,
    help="Great arcs in z, a spline in w, styles of the other seeds in the first one's image, or "
    "the noise of all seeds in it.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    default=2.0,
    show_default=True,
    help="From one seed to the next.",
)
@click.option(
    "--fps", type=click.IntRange(1, 120), default=30, show_default=True, help="Frames per second."
)
@options.found
@options.trunc
@options.trunc_cutoff
@label_options
@click.option("--out", required=True, metavar="F.mp4", help="Where the video goes.")
def command(source, seeds, kind, seconds, fps, found, trunc, trunc_cutoff, label, out):
    """Make a video that loops through the images of seeds.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. Images below 256×256 are enlarged by
    repeating their pixels. With --w the video goes through what was found, and then through --seeds
    if they are given.
    """
    path = Path(out)
    if path.suffix.lower() != ".mp4":
        raise click.UsageError(f"--out {out}: the name must end in .mp4")
    missing = [name for module, name in NEEDED.items() if not importlib.util.find_spec(module)]
    if missing:
        raise click.UsageError(
            f"{', '.join(missing)} not installed here: pip install 'stylegan-tf[video]'"
        )
    process.load_tensorflow()
    from stylegan_tf import video
    from stylegan_tf.figures import Sampler

    numbers = options.seeds_beside(found, seeds)
    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    by_seed = options.found_by_seed(found, pipeline.generator)
    sampler = Sampler(pipeline.generator, label, trunc, trunc_cutoff, found=by_seed)
    steps = max(1, round(seconds * fps))
    count, frames = video.frames(kind, sampler, [*by_seed, *numbers], steps)
    say_labels(pipeline, label, numbers)
    with progress_of("video", "frames") as progress:
        video.write(counted(frames, count, progress), path, fps)
    click.echo(f"{path}: {count} frames, {count / fps:.1f} s")


def counted(frames, count, progress):
    """Yields the frames and reports each one as done after it was used."""
    for number, frame in enumerate(frames, start=1):
        yield frame
        progress(number, count)
