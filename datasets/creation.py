"""`create`: a folder of images, or another source of them, becomes a dataset."""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import PIL
from PIL import Image

from .atomic_directory import refuse_existing
from .conversion import Writer, convert
from .dataset import Dataset, Description, open
from .encoding import Target
from .errors import DatasetError, and_more
from .fingerprint import digest_of
from .labels import Labels, class_folders, read_labels
from .manifest import write_manifest
from .options import check_options
from .parallel import ordered_map
from .resolutions import RESOLUTIONS, largest_within
from .resumable import ResumableDirectory, resumable_directory
from .shards import ShardWriter
from .sources import Source, open_source

SHARD_BYTES = 128_000_000


def create(
    src: str | Path,
    dest: str | Path,
    resolution: int | None = None,
    crop: str = "center",
    channels: int | None = None,
    labels: str | Path = "source",
    skip_bad: bool = False,
    shard_bytes: int = SHARD_BYTES,
    seed: int | None = 0,
    format: str = "shards",
    progress: Callable[[int, int], None] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Dataset | Description:
    """Makes a dataset of TFRecord shards. `dest` appears when it is complete, or not at all.

    After Ctrl-C, or when the process was killed, the same call resumes where it stopped and makes
    the very same files; the folder `.DEST.unfinished` beside `dest` keeps what there is until then.

    Args:
        src: folder (those below it included) or zip file of PNG, JPEG or WebP images; an IDX
            file; CIFAR-10 or CIFAR-100, or one of its files; an LMDB database; NVIDIA's
            TFRecords; or what a registered `Source` recognises.
        dest: folder to make.
        resolution: pixels, a power of two from 4 to 1024. Defaults to the size of the images,
            which must then all be such a square.
        crop: "center" cuts the middle square out; "letterbox" keeps all of the image and adds
            black (transparent, with 4 channels) margins, which the examples record; "celeba" cuts
            the published 128×128 pixels out of the aligned faces of CelebA; "none" refuses what
            is not square.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA); with 1 and 3, what is transparent becomes
            white. Defaults to what the source is known to have, otherwise 3.
        labels: "source" (those that the source itself has, if any), "none", "folders" (the class
            is the first folder below `src`), a JSON file `{name: class}` with class a string, an
            index or a list of numbers, or CelebA's `list_attr_celeba.txt`.
        skip_bad: leave out images that cannot be used; the manifest lists them as `skipped`.
        shard_bytes: size that a shard grows to.
        seed: of the order of the images, which is random so that every shard is a fair sample.
            None keeps the order of the source.
        format: "shards", or "nvidia": the multi-resolution TFRecords that NVIDIA's code trains
            on, of 1 or 3 channels, `dest/NAME-r02.tfrecords` … with NAME that of `dest`.
        progress: called with (images done, images in all).
        say: called with a line if there is a stopped run to resume.

    Returns:
        The dataset, open; for NVIDIA's files, which `open` does not read, the description.

    Raises:
        BadImages: a DatasetError that lists the images that cannot be used.
        DatasetError: if an option or the source is not as above, or `dest` exists.
        OSError: if the disk is full.
    """
    dest = Path(dest)
    refuse_existing(dest)
    check_options(resolution, crop, channels, shard_bytes, format)
    source = open_source(src)
    channels = channels or source.channels or 3
    label_of = read_labels(labels, source)
    with warnings.catch_warnings():
        # Pillow warns at half the pixels it refuses: large cameras make such images.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        target = Target(resolution or common_resolution(source), channels, crop)
        job = {
            "the source or its labels": digest_of(src, source.names, label_of),
            "resolution": target.resolution,
            "crop": target.crop,
            "channels": target.channels,
            "skip_bad": skip_bad,
            "shard_bytes": shard_bytes,
            "seed": seed,
            "format": format,
            "the version of Pillow": PIL.__version__,  # it encodes the images
        }
        with resumable_directory(dest, job, say) as work:
            writer = writer_for(format, work, dest, target, label_of.size, shard_bytes)
            bad = convert(source, target, label_of, writer, work, seed, skip_bad, progress)
            num_images = len(source.names) - len(bad)
            fields = describe(target, label_of, num_images, writer.close(), bad)
            folders = [] if label_of.size else class_folders(source.names)
            fields |= {"folders": folders} if folders else {}
            if format == "shards":
                write_manifest(work.folder, fields)
    return open(dest) if format == "shards" else Description(dest, fields)


def common_resolution(source: Source) -> int:
    """Returns the resolution that all images have. Those that cannot be opened do not count."""
    first: dict[tuple[int, int], str] = {}
    sizes = ordered_map(partial(size_or_none, source), source.names)
    for name, size in zip(source.names, sizes, strict=True):
        if size:
            first.setdefault(size, name)
    if not first:
        return RESOLUTIONS[0]  # no image opens: `convert` says what is wrong with each
    different = and_more([f"{name} is {w}×{h}" for (w, h), name in first.items()], shown=2)
    advice = f"give --resolution, for example {largest_within(min(map(min, first)))}"
    if len(first) > 1:
        raise DatasetError(f"the images differ in size ({different}): {advice}")
    ((width, height),) = first
    if width != height or width not in RESOLUTIONS:
        raise DatasetError(f"{different}, not a square power of two from 4 to 1024: {advice}")
    return width


def size_or_none(source: Source, name: str) -> tuple[int, int] | None:
    """Returns width and height of an image; None if it cannot be opened."""
    try:
        return source.size(name)
    except Exception:  # `prepare` says what is wrong
        return None


def writer_for(
    format: str,
    work: ResumableDirectory,
    dest: Path,
    target: Target,
    label_size: int,
    shard_bytes: int,
) -> Writer:
    """Returns what writes the files, resuming those of an earlier run."""
    if format == "nvidia":
        from .nvidia_format import LevelWriter  # TensorFlow loads here

        return LevelWriter(work.folder, dest.name, target, label_size, work.files)
    return ShardWriter(work.folder, shard_bytes, work.files)


def describe(
    target: Target, label_of: Labels, num_images: int, files: dict[str, Any], bad: list[str]
) -> dict[str, Any]:
    """Returns the manifest's fields."""
    return {
        "resolution": target.resolution,
        "channels": target.channels,
        "num_images": num_images,
        "label_size": label_of.size,
        "label_names": label_of.names,
        **files,
        **({"margins": True} if target.crop == "letterbox" else {}),
        **({"skipped": bad} if bad else {}),
    }
