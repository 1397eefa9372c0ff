"""`create`: a folder of pictures, or another source of them, becomes a dataset."""

import warnings
from collections.abc import Callable
from pathlib import Path

import PIL
from PIL import Image

from .atomic_directory import refuse_existing
from .conversion import convert
from .dataset import Dataset, open
from .description import Description
from .errors import DatasetError, and_more
from .fingerprint import digest_of
from .labels import Labels, read_labels
from .manifest import write_manifest
from .parallel import ordered_map
from .pictures import MODES, Target
from .resolutions import RESOLUTIONS, check_resolution, largest_within
from .resumable import Unfinished, unfinished
from .shards import ShardWriter
from .sources import Source, open_source

SHARD_BYTES = 128_000_000
CROPS = ("center", "letterbox", "celeba", "none")
FORMATS = ("shards", "nvidia")


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
    """Makes a dataset of TFRecord shards. `dest` appears when it is whole, or not at all.

    After Ctrl-C, or when the process was killed, the same call goes on where it stopped and makes
    the very same files; the folder `.DEST.unfinished` beside `dest` keeps what there is until then.

    Args:
        src: folder (those below it included) or zip file of PNG, JPEG or WebP pictures; an IDX
            file; CIFAR-10 or CIFAR-100, or one of its files; an LMDB database; NVIDIA's
            TFRecords. See `sources`.
        dest: folder to make.
        resolution: pixels, a power of two from 4 to 1024. Defaults to the size of the pictures,
            which must then all be such a square.
        crop: "center" cuts the middle square out; "letterbox" keeps all of the picture and adds
            black (transparent, with 4 channels) margins, which the examples record; "celeba" cuts
            the published 128×128 pixels out of the aligned faces of CelebA; "none" refuses what
            is not square.
        channels: 1 (grey), 3 (colour) or 4 (with alpha); with 1 and 3, what is transparent
            becomes white. Defaults to what the source is known to have, otherwise 3.
        labels: "source" (those that the source itself has, if any), "none", "folders" (the class
            is the first folder below `src`), a JSON file `{name: class}` with class a string, an
            index or a list of numbers, or CelebA's `list_attr_celeba.txt`.
        skip_bad: leave out pictures that cannot be used; the manifest lists them as `skipped`.
        shard_bytes: size that a shard grows to.
        seed: of the order of the pictures, which is random so that every shard is a fair sample.
            None keeps the order of the source.
        format: "shards", or "nvidia": the multi-resolution TFRecords that NVIDIA's code trains
            on, of 1 or 3 channels, `dest/NAME-r02.tfrecords` … with NAME that of `dest`.
        progress: called with (pictures done, pictures in all).
        say: called with a line if there is a stopped run to go on with.

    Returns:
        The dataset, open; of NVIDIA's files, which are not ours to open, the description.

    Raises:
        BadPictures: a DatasetError that lists the pictures that cannot be used.
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
        # Pillow warns at half the pixels it refuses: large cameras make such pictures.
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
            "the version of Pillow": PIL.__version__,  # it encodes the pictures
        }
        with unfinished(dest, job, say) as work:
            writer = writer_for(format, work, dest, target, label_of.size, shard_bytes)
            bad = convert(source, target, label_of, writer, work, seed, skip_bad, progress)
            num_images = len(source.names) - len(bad)
            fields = describe(target, label_of, num_images, writer.close(), bad)
            if format == "shards":
                write_manifest(work.folder, fields)
    return open(dest) if format == "shards" else Description(dest, fields)


def check_options(resolution, crop, channels, shard_bytes, format) -> None:
    if resolution is not None:
        check_resolution(resolution)
    if crop not in CROPS:
        raise DatasetError(f"crop {crop!r} is not known: take {' or '.join(CROPS)}")
    if channels not in (None, *MODES):
        raise DatasetError(f"channels {channels!r} must be 1 (grey), 3 (colour) or 4 (with alpha)")
    if shard_bytes < 1:
        raise DatasetError(f"shard_bytes {shard_bytes} must be at least 1")
    if format not in FORMATS:
        raise DatasetError(f"format {format!r} is not known: take {' or '.join(FORMATS)}")
    if format == "nvidia" and channels == 4:
        raise DatasetError("NVIDIA's layout has no alpha: give 1 or 3 channels")


def common_resolution(source: Source) -> int:
    """The resolution that all pictures have. Those that cannot be opened are no concern here."""
    first: dict[tuple[int, int], str] = {}
    for name, size in zip(source.names, ordered_map(size_in(source), source.names), strict=True):
        if size:
            first.setdefault(size, name)
    if not first:
        return RESOLUTIONS[0]  # no picture opens: the next look says what is wrong with each
    sizes = and_more([f"{name} is {w}×{h}" for (w, h), name in first.items()], shown=2)
    advice = f"give --resolution, for example {largest_within(min(map(min, first)))}"
    if len(first) > 1:
        raise DatasetError(f"the pictures differ in size ({sizes}): {advice}")
    ((width, height),) = first
    if width != height or width not in RESOLUTIONS:
        raise DatasetError(f"{sizes}, not a square power of two from 4 to 1024: {advice}")
    return width


def size_in(source: Source) -> Callable[[str], tuple[int, int] | None]:
    def size(name: str):
        try:
            return source.size(name)
        except Exception:  # `prepare` says what is wrong
            return None

    return size


def writer_for(format: str, work: Unfinished, dest: Path, target, label_size: int, shard_bytes):
    """What writes the files, going on with those of an earlier run."""
    if format == "nvidia":
        from .nvidia_format import LevelWriter  # TensorFlow loads here

        return LevelWriter(work.folder, dest.name, target, label_size, work.files)
    return ShardWriter(work.folder, shard_bytes, work.files)


def describe(
    target: Target, label_of: Labels, num_images: int, files: dict, bad: list[str]
) -> dict:
    """The manifest's fields."""
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
