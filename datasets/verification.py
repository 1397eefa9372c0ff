"""`verify`: reads a dataset in full and says everything that is wrong with it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from .dataset import Dataset, shard_problem
from .manifest import read_manifest
from .parallel import ordered_map
from .pictures import KEPT, MODES, BadPicture, load


def verify(path: str | Path, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Checks hashes, and that every example decodes to what the manifest promises.

    Args:
        path: folder of the dataset.
        progress: called with (pictures done, pictures in all).

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


def verify_shard(dataset: Dataset, shard: dict) -> Iterator[str | None]:
    """Yields what is wrong with a shard, and None for each example that was looked at."""
    from .shards import sha256

    file, problem = shard["file"], shard_problem(dataset.path, shard)
    if problem:
        yield problem
    if not (dataset.path / file).is_file():
        return
    if not problem and sha256(dataset.path / file) != shard["sha256"]:
        yield f"{file} has changed: its SHA-256 is not the manifest's"
    found, broken = 0, []
    checked = ordered_map(partial(example_problem, dataset), raw_records(dataset, file, broken))
    for problem in checked:
        found += 1
        if problem:
            yield f"{file}: {problem}"
        yield None
    if broken:
        yield f"{file} cannot be read after {found} of {shard['num_images']} examples"
    elif found != shard["num_images"]:
        yield f"{file} has {found} examples instead of {shard['num_images']}"


def raw_records(dataset: Dataset, file: str, broken: list) -> Iterator[bytes]:
    """The records of a shard up to the first that is damaged, which is put into `broken`."""
    import tensorflow as tf

    try:
        yield from tf.data.TFRecordDataset(str(dataset.path / file)).as_numpy_iterator()
    except tf.errors.DataLossError as error:
        broken.append(error)


def example_problem(dataset: Dataset, record: bytes) -> str | None:
    """What is wrong with one example, with its name."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    try:
        feature = tf.train.Example.FromString(record).features.feature
    except DecodeError:
        return "an example is not a tf.train.Example"
    name = b"".join(feature["name"].bytes_list.value).decode("utf-8", "replace")
    if len(feature["label"].float_list.value) != dataset.label_size:
        found = len(feature["label"].float_list.value)
        return f"{name} has a label of {found} numbers instead of {dataset.label_size}"
    problem = image_problem(dataset, b"".join(feature["image"].bytes_list.value))
    return f"{name} {problem}" if problem else None


def image_problem(dataset: Dataset, data: bytes) -> str | None:
    try:
        image = load(data)
    except BadPicture as reason:
        return str(reason)
    if image.format not in KEPT:
        return f"is {image.format}, not PNG or JPEG"
    side, mode = dataset.resolution, MODES[dataset.channels]
    if image.size != (side, side):
        return f"is {image.width}×{image.height} instead of {side}×{side}"
    if image.mode != mode and (image.mode, mode) != ("P", "RGB"):
        return f"is {image.mode} instead of {mode}"
    return None
