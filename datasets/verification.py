"""`verify`: reads a dataset in full and tells everything that is wrong with it."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..files import sha256_of
from .dataset import Dataset, shard_problem
from .encoding import STORED, BadImage, load, tensorflow_reads
from .examples import margins_problem, parsed
from .manifest import read_manifest
from .options import MODES
from .parallel import ordered_map
from .records import CutOff, read_records


def verify(path: str | Path, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Checks hashes, and that every example decodes to what the manifest promises.

    Args:
        path: folder of the dataset.
        progress: called with (images done, images in all).

    Returns:
        The problems, a line each; none if all is well.

    Raises:
        DatasetError: if there is no dataset at `path`, or its manifest cannot be read.
    """
    dataset = Dataset(Path(path), read_manifest(Path(path)))
    problems, done = [], 0
    for shard in dataset.manifest["shards"]:
        for problem in verify_shard(dataset, shard):
            if problem:
                problems.append(problem)
            elif progress:
                done += 1
                progress(done, dataset.num_images)
    return problems


def verify_shard(dataset: Dataset, shard: dict[str, Any]) -> Iterator[str | None]:
    """Yields what is wrong with a shard, and None after each example."""
    file, problem = shard["file"], shard_problem(dataset.path, shard)
    if problem:
        yield problem
    if not (dataset.path / file).is_file():
        return
    if not problem and sha256_of(dataset.path / file) != shard["sha256"]:
        yield f"{file} has changed: its SHA-256 is not the manifest's"
    count = 0
    cut_off: list[CutOff] = []
    records = records_before(dataset.path / file, cut_off)
    for problem in ordered_map(partial(example_problem, dataset), records):
        count += 1
        if problem:
            yield f"{file}: example {count}: {problem}"
        yield None
    if cut_off:
        yield f"{file} cannot be read after {count} of {shard['num_images']} examples"
    elif count != shard["num_images"]:
        yield f"{file} has {count} examples instead of {shard['num_images']}"


def records_before(path: Path, cut_off: list[CutOff]) -> Iterator[bytes | None]:
    """Yields the records of a shard up to damage to its frames: then `cut_off` is not empty."""
    try:
        yield from read_records(path)
    except CutOff as error:
        cut_off.append(error)


def example_problem(dataset: Dataset, record: bytes | None) -> str | None:
    """Returns what is wrong with one example, with the name of its image."""
    try:
        stored = parsed(record)
    except ValueError as error:
        return f"it {error}"
    problem = label_problem(stored.label, dataset.label_size) or image_problem(dataset, stored.data)
    if not problem and stored.margins:
        problem = margins_problem(stored.margins, dataset.resolution)
    return f"{stored.name} {problem}" if problem else None


def label_problem(label: list[float], size: int) -> str | None:
    """Returns what is wrong with a label, which follows the image's name in the message."""
    if len(label) != size:
        return f"has a label of {len(label)} numbers instead of {size}"
    if not all(map(math.isfinite, label)):
        return "has a label that is not finite"
    return None


def image_problem(dataset: Dataset, data: bytes) -> str | None:
    """Returns what is wrong with an image, which follows its name in the message."""
    try:
        image = load(data)
    except BadImage as reason:
        return str(reason)
    if image.format not in STORED:
        return f"is {image.format}, not PNG or JPEG"
    side, mode = dataset.resolution, MODES[dataset.channels]
    if image.size != (side, side):
        return f"is {image.width}×{image.height} instead of {side}×{side}"
    if image.mode != mode and (image.mode, mode) != ("P", "RGB"):
        return f"is {image.mode} instead of {mode}"
    return None if tensorflow_reads(data) else "is damaged (TensorFlow cannot decode it)"
