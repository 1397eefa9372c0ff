"""`extract`: a dataset becomes a folder of PNG files again."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import Image

from .atomic_directory import atomic_directory, refuse_existing
from .dataset import Dataset, open
from .encoding import BadImage, as_png, load
from .errors import DatasetError
from .examples import Stored, margins_problem, parsed
from .options import MODES
from .parallel import ordered_map
from .records import CutOff, read_records

LABELS = "dataset.json"


def extract(
    path: str | Path, dest: str | Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Writes the images of a dataset as PNG files, named as in their source.

    They have the very pixels of the dataset, but for the margins of those that were letterboxed,
    which are cut away. Labels go into `dest/dataset.json` as StyleGAN2-ADA reads them:
    `{"labels": [["name.png", class], …]}`, with lists of numbers where they are not classes.

    Args:
        path: folder of the dataset.
        dest: folder to make; an empty one may be there. It appears when it is complete, or not
            at all.
        progress: called with (images done, images in all).

    Raises:
        DatasetError: if there is no dataset at `path`, it is damaged, or there is something in
            `dest`.
        OSError: if the disk is full.
    """
    dest, dataset = Path(dest), open(path)
    refuse_existing(dest, allow_empty=True)
    labels: dict[str, int | list[float]] = {}
    with atomic_directory(dest, allow_empty=True) as folder:
        tasks = named(folder, dataset, labels)
        for done, _ in enumerate(ordered_map(partial(write_image, dataset), tasks), 1):
            if progress:
                progress(done, dataset.num_images)
        if dataset.label_size:
            (folder / LABELS).write_text(label_file(labels, dataset.label_size), encoding="utf-8")


def named(folder: Path, dataset: Dataset, labels: dict[str, Any]) -> Iterator[tuple[Path, Stored]]:
    """Yields every image with the file it goes into, and adds its label to `labels`."""
    taken = {LABELS}
    for index, stored in enumerate(stored_images(dataset)):
        name = file_name(stored.name, index, taken)
        taken.add(name)
        if dataset.label_size:
            labels[name] = class_or_numbers(stored.label)
        yield folder / name, stored


def file_name(name: str, index: int, taken: set[str]) -> str:
    """Returns a path below the folder that no other image has, with the suffix of PNG."""
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..")]
    path = PurePosixPath(*parts) if parts else PurePosixPath(f"{index:08d}")
    full_name = str(path)
    if path.suffix.lower() in Image.registered_extensions():
        path = path.with_suffix("")
    for candidate in (f"{path}.png", f"{full_name}.png"):  # of a.jpg and a.png, one stays a.jpg.png
        if candidate not in taken:
            return candidate
    return f"{full_name}.{index:08d}.png"


def stored_images(dataset: Dataset) -> Iterator[Stored]:
    """Yields every image in the order of the files."""
    advice = f"stylegan-tf dataset verify {dataset.path} finds out where"
    for shard in dataset.manifest["shards"]:
        file = shard["file"]
        try:
            for record in read_records(dataset.path / file):
                yield parsed(record)
        except ValueError as error:
            raise DatasetError(f"{dataset.path}: an example of {file} {error}; {advice}") from None
        except CutOff:
            raise DatasetError(f"{dataset.path}: {file} is damaged; {advice}") from None


def write_image(dataset: Dataset, task: tuple[Path, Stored]) -> None:
    """Writes one file: a PNG without margins as it is, anything else encoded anew."""
    path, stored = task
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        image = load(stored.data)
        if image.format == "PNG" and not stored.margins:
            path.write_bytes(stored.data)
            return
        image = without_margins(image.convert(MODES[dataset.channels]), stored.margins)
    except BadImage as reason:
        advice = f"stylegan-tf dataset verify {dataset.path} lists all that is wrong"
        raise DatasetError(f"{dataset.path}: {stored.name} {reason}; {advice}") from None
    path.write_bytes(as_png(image))


def without_margins(image: Image.Image, margins: tuple[int, ...]) -> Image.Image:
    """Returns the image inside its margins."""
    if not margins:
        return image
    if problem := margins_problem(margins, image.width):
        raise BadImage(problem)
    left, top, right, bottom = margins
    return image.crop((left, top, image.width - right, image.height - bottom))


def class_or_numbers(label: list[float]) -> int | list[float]:
    """Returns the index of a one-hot label, the numbers themselves of another."""
    if label.count(1.0) == 1 and label.count(0.0) == len(label) - 1:
        return label.index(1.0)
    return label


def label_file(labels: dict[str, int | list[float]], size: int) -> str:
    """Returns the text of `dataset.json`: classes if all labels are, numbers otherwise."""
    if any(isinstance(label, list) for label in labels.values()):
        labels = {
            name: label if isinstance(label, list) else [float(i == label) for i in range(size)]
            for name, label in labels.items()
        }
    pairs = [[name, labels[name]] for name in sorted(labels)]
    return json.dumps({"labels": pairs}, ensure_ascii=False) + "\n"
