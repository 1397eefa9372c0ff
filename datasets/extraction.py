"""`extract`: a dataset becomes a folder of PNG files again."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from PIL import Image

from .atomic_directory import atomic_directory, refuse_existing
from .dataset import Dataset, open
from .errors import DatasetError
from .examples import Stored, margins_problem, parsed
from .parallel import ordered_map
from .pictures import MODES, BadPicture, load
from .records import CutOff, read_records

LABELS = "dataset.json"


def extract(
    path: str | Path, dest: str | Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Writes the pictures of a dataset as PNG files, named as in their source.

    They have the very pixels of the dataset, but for the margins of those that were letterboxed,
    which are cut away. Labels go into `dest/dataset.json` as StyleGAN2-ADA reads them:
    `{"labels": [["name.png", class], …]}`, with lists of numbers where they are not classes.

    Args:
        path: folder of the dataset.
        dest: folder to make; an empty one may be there. It appears when it is whole, or not at all.
        progress: called with (pictures done, pictures in all).

    Raises:
        DatasetError: if there is no dataset at `path`, it is damaged, or there is something in
            `dest`.
        OSError: if the disk is full.
    """
    dest, dataset = Path(dest), open(path)
    refuse_existing(dest, empty_will_do=True)
    labels: dict[str, int | list[float]] = {}
    with atomic_directory(dest, empty_will_do=True) as folder:
        tasks = named(folder, dataset, labels)
        for done, _ in enumerate(ordered_map(lambda t: write_picture(dataset, *t), tasks), 1):
            if progress:
                progress(done, dataset.num_images)
        if dataset.label_size:
            (folder / LABELS).write_text(label_file(labels, dataset.label_size), encoding="utf-8")


def named(folder: Path, dataset: Dataset, labels: dict) -> Iterator[tuple[Path, Stored]]:
    """Yields every picture with the file it goes into, and notes its label."""
    taken = {LABELS}
    for index, stored in enumerate(pictures(dataset)):
        name = file_name(stored.name, index, taken)
        taken.add(name)
        if dataset.label_size:
            labels[name] = class_or_numbers(stored.label)
        yield folder / name, stored


def file_name(name: str, index: int, taken: set[str]) -> str:
    """A path below the folder that no other picture has, with the extension of PNG."""
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", "..")]
    path = PurePosixPath(*parts) if parts else PurePosixPath(f"{index:08d}")
    whole = str(path)
    if path.suffix.lower() in Image.registered_extensions():
        path = path.with_suffix("")
    for wanted in (f"{path}.png", f"{whole}.png"):  # of a.jpg and a.png, one stays a.jpg.png
        if wanted not in taken:
            return wanted
    return f"{whole}.{index:08d}.png"


def pictures(dataset: Dataset) -> Iterator[Stored]:
    """Every picture in the order of the files."""
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


def write_picture(dataset: Dataset, path: Path, stored: Stored) -> None:
    """Writes one file: a PNG without margins as it is, anything else encoded anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        image = load(stored.data)
        if image.format == "PNG" and not stored.margins:
            path.write_bytes(stored.data)
            return
        image = without(image.convert(MODES[dataset.channels]), stored.margins)
    except BadPicture as reason:
        advice = f"stylegan-tf dataset verify {dataset.path} lists all that is wrong"
        raise DatasetError(f"{dataset.path}: {stored.name} {reason}; {advice}") from None
    encoded = io.BytesIO()
    image.save(encoded, "PNG")
    path.write_bytes(encoded.getvalue())


def without(image: Image.Image, margins: tuple[int, ...]) -> Image.Image:
    """The picture inside its margins."""
    if not margins:
        return image
    if problem := margins_problem(margins, image.width):
        raise BadPicture(problem)
    left, top, right, bottom = margins
    return image.crop((left, top, image.width - right, image.height - bottom))


def class_or_numbers(label: list[float]) -> int | list[float]:
    """The index of a one-hot label, the numbers themselves of another."""
    if label.count(1.0) == 1 and label.count(0.0) == len(label) - 1:
        return label.index(1.0)
    return label


def label_file(labels: dict[str, int | list[float]], size: int) -> str:
    """The text of `dataset.json`: classes if all labels are, numbers otherwise."""
    if any(isinstance(label, list) for label in labels.values()):
        labels = {
            name: label if isinstance(label, list) else [float(i == label) for i in range(size)]
            for name, label in labels.items()
        }
    pairs = [[name, labels[name]] for name in sorted(labels)]
    return json.dumps({"labels": pairs}, ensure_ascii=False) + "\n"
