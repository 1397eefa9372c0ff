"""Finds what is wrong with a dataset."""

import io
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf
from PIL import Image

from .manifest import Manifest, Shard, sha256
from .pictures import MODES


def verify(path, progress: Callable[[int, int], None] | None = None) -> list[str]:
    """Reads every byte and decodes every picture.

    Args:
        path: folder with `dataset.json`.
        progress: called with the number of pictures done and in all.

    Returns:
        one line a problem; none if all is well.

    Raises:
        DatasetError: if there is no readable manifest.
    """
    path = Path(path)
    manifest = Manifest.read(path)
    problems, done = [], 0
    for shard in manifest.shards:
        file = path / shard.file
        if not file.exists():
            problems.append(f"{shard.file} is missing")
            continue
        if sha256(file) != shard.sha256:
            problems.append(f"{shard.file} has changed: its SHA-256 is not that of the manifest")
        for problem in _examples(file, shard, manifest):
            done += 1
            if progress:
                progress(done, manifest.num_images)
            problems += [problem] if problem else []
    return problems


def _examples(file: Path, shard: Shard, manifest: Manifest):
    """For each example a problem or None, and one more if the file ends badly."""
    count = 0
    try:
        for record in tf.data.TFRecordDataset(str(file)):
            count += 1
            yield _problem(record.numpy(), f"{shard.file} example {count}", manifest)
    except tf.errors.DataLossError:
        yield f"{shard.file} is cut off or damaged after {count} of {shard.num_images} pictures"
        return
    if count != shard.num_images:
        yield f"{shard.file} holds {count} pictures instead of {shard.num_images}"


def _problem(record: bytes, place: str, manifest: Manifest) -> str | None:
    try:
        features = tf.train.Example.FromString(record).features.feature
        name = features["name"].bytes_list.value[0].decode()
        place = f"{place} ({name})"
        picture = Image.open(io.BytesIO(features["image"].bytes_list.value[0]))
        picture.load()
    except Exception as error:  # protobuf, index and decoder errors alike: the example is broken
        return f"{place} cannot be decoded: {error}"
    picture = picture.convert("RGB") if picture.mode == "P" else picture
    size, mode = (manifest.resolution,) * 2, MODES[manifest.channels]
    if picture.size != size or picture.mode != mode:
        return f"{place} is {picture.width}×{picture.height} {picture.mode}, not {size[0]} {mode}"
    if len(features["label"].float_list.value) != manifest.label_size:
        return f"{place} has a label of another size"
    return None
