"""`create`: a folder or zip of pictures becomes a dataset."""

import random
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from .dataset import Dataset, open
from .errors import DatasetError, and_more
from .labels import Labels, read_labels
from .manifest import write_manifest
from .parallel import ordered_map
from .pictures import MODES, BadPicture, Target, prepare
from .resolutions import RESOLUTIONS, check_resolution, largest_within
from .sources import Folder, Zip, open_source
from .whole import refuse_existing, whole_or_nothing

SHARD_BYTES = 128_000_000
CROPS = ("center", "none")


def create(
    src: str | Path,
    dest: str | Path,
    resolution: int | None = None,
    crop: str = "center",
    channels: int | None = None,
    labels: str | Path = "none",
    skip_bad: bool = False,
    shard_bytes: int = SHARD_BYTES,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Dataset:
    """Makes a dataset of TFRecord shards. `dest` appears when it is whole, or not at all.

    Args:
        src: folder (those below it included) or zip file of PNG, JPEG or WebP pictures.
        dest: folder to make.
        resolution: pixels, a power of two from 4 to 1024. Defaults to the size of the pictures,
            which must then all be such a square.
        crop: "center" cuts the middle square out; "none" refuses what is not square.
        channels: 1 (grey), 3 (colour) or 4 (with alpha); with 1 and 3, what is transparent
            becomes white. Defaults to 3.
        labels: "none", "folders" (the class is the first folder below `src`), or a JSON file
            `{name: class}` with class a string, an index or a list of numbers.
        skip_bad: leave out pictures that cannot be used; the manifest lists them as `skipped`.
        shard_bytes: size that a shard grows to.
        seed: of the order of the pictures, which is random so that every shard is a fair sample.
        progress: called with (pictures done, pictures in all).

    Returns:
        The dataset, open.

    Raises:
        DatasetError: if an option, the source or a picture is not as above, or `dest` exists.
        OSError: if the disk is full.
    """
    dest = Path(dest)
    refuse_existing(dest)
    channels = check_options(resolution, crop, channels, shard_bytes)
    source = open_source(src)
    label_of = read_labels(labels, source.names)
    with warnings.catch_warnings():
        # Pillow warns at half the pixels it refuses: large cameras make such pictures.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        target = Target(resolution or common_resolution(source), channels, crop)
        with whole_or_nothing(dest) as folder:
            pictures = prepared_pictures(source, target, seed, progress)
            shards, bad = write_shards(folder, pictures, label_of, skip_bad, shard_bytes)
            write_manifest(folder, describe(target, label_of, shards, bad))
    return open(dest)


def check_options(resolution, crop, channels, shard_bytes) -> int:
    """Returns the number of channels."""
    if resolution is not None:
        check_resolution(resolution)
    if crop not in CROPS:
        raise DatasetError(f"crop {crop!r} is not known: take {' or '.join(CROPS)}")
    if channels not in (None, *MODES):
        raise DatasetError(f"channels {channels!r} must be 1 (grey), 3 (colour) or 4 (with alpha)")
    if shard_bytes < 1:
        raise DatasetError(f"shard_bytes {shard_bytes} must be at least 1")
    return channels or 3


def common_resolution(source: Folder | Zip) -> int:
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


def size_in(source: Folder | Zip) -> Callable[[str], tuple[int, int] | None]:
    def size(name: str):
        try:
            with source.open(name) as file, Image.open(file) as image:
                return image.size
        except Exception:  # `prepare` says what is wrong
            return None

    return size


def prepared_pictures(source, target, seed, progress) -> Iterator[tuple[str, bytes | BadPicture]]:
    """Every picture's name and what it became, in the random order of `seed`."""
    names = list(source.names)
    random.Random(seed).shuffle(names)
    results = ordered_map(prepare_from(source, target), names)
    for done, pair in enumerate(zip(names, results, strict=True), start=1):
        yield pair
        if progress:
            progress(done, len(names))


def prepare_from(source: Folder | Zip, target: Target) -> Callable[[str], bytes | BadPicture]:
    def prepare_name(name: str):
        try:
            with source.open(name) as file:
                data = file.read()
        except Exception as error:  # zipfile raises many kinds for a damaged or locked member
            return BadPicture(f"cannot be read ({getattr(error, 'strerror', None) or error})")
        try:
            return prepare(data, target)
        except BadPicture as reason:
            return reason

    return prepare_name


def write_shards(folder, pictures, label_of, skip_bad, shard_bytes) -> tuple[list, list[str]]:
    """Returns what the manifest says about each shard, and the pictures left out, with reasons."""
    from .shards import ShardWriter, example  # TensorFlow loads here

    writer = ShardWriter(folder, shard_bytes)
    bad, total = [], 0
    for name, result in pictures:
        total += 1
        if isinstance(result, BadPicture):
            bad.append(f"{name} {result}")
        elif skip_bad or not bad:  # one bad picture dooms the rest, but go on to name them all
            label = label_of.vector(name) if label_of.size else None
            writer.write(example(result, name, label))
    bad.sort()
    shards = writer.close()
    if bad and not (skip_bad and shards):
        advice = "repair or remove them" + (", or give --skip-bad" if len(bad) < total else "")
        raise DatasetError(
            f"{len(bad)} of {total} pictures cannot be used: {and_more(bad)} ({advice})"
        )
    return shards, bad


def describe(target: Target, label_of: Labels, shards: list[dict], bad: list[str]) -> dict:
    """The manifest's fields."""
    return {
        "resolution": target.resolution,
        "channels": target.channels,
        "num_images": sum(shard["num_images"] for shard in shards),
        "label_size": label_of.size,
        "label_names": label_of.names,
        "shards": shards,
        **({"skipped": bad} if bad else {}),
    }
