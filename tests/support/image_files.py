"""Images for tests, the files that hold them, and what a dataset on disk made of them."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}


def noise(width=8, height=None, mode="RGB", seed=0) -> Image.Image:
    """Returns an image of random pixels, all of them different from their neighbours."""
    shape = (height or width, width, CHANNELS[mode])
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return Image.fromarray(pixels.squeeze(), mode if mode == "RGBA" else None)


def encoded(image: Image.Image, format="PNG", **options) -> bytes:
    """Returns the file of an image."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def write(folder: Path, files: dict) -> Path:
    """Makes a folder of files: bytes as they are, images as PNG."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(content) if isinstance(content, Image.Image) else content)
    return folder


def several(count: int, **arguments) -> dict:
    """Returns different images by name: 00.png, 01.png …"""
    return {f"{index:02}.png": noise(seed=index, **arguments) for index in range(count)}


def manifest(path: Path) -> dict:
    """Returns what `dataset.json` says."""
    return json.loads((Path(path) / "dataset.json").read_text(encoding="utf-8"))


def shards(path: Path) -> list[Path]:
    """Returns the shards of a dataset, by name."""
    return sorted(Path(path).glob("*.tfrecord"))


def contents(path: Path) -> dict[str, bytes]:
    """Returns every file of a folder by its name."""
    return {file.name: file.read_bytes() for file in Path(path).iterdir()}


def examples(path: Path) -> list[tuple[str, bytes, list[float]]]:
    """Returns name, encoded image and label of every example, in file order."""
    result = []
    records = tf.data.TFRecordDataset([str(file) for file in shards(path)])
    for record in records.as_numpy_iterator():
        example = tf.train.Example.FromString(record).features.feature
        image, name = (example[key].bytes_list.value[0] for key in ("image", "name"))
        result.append((name.decode(), image, list(example["label"].float_list.value)))
    return result


def stored(path: Path) -> dict[str, bytes]:
    """Returns the encoded images of a dataset by name."""
    return {name: image for name, image, _ in examples(path)}


def pixels(data: bytes, mode="RGB") -> np.ndarray:
    """Decodes a file with Pillow."""
    return np.asarray(Image.open(io.BytesIO(data)).convert(mode))


def rewrite(path: Path, file: str, records: list[bytes], **fields) -> None:
    """Replaces the records of a shard, and updates the manifest."""
    with tf.io.TFRecordWriter(str(path / file)) as writer:
        for record in records:
            writer.write(record)
    data, tree = (path / file).read_bytes(), manifest(path)
    truth = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **fields}
    tree["shards"] = [s | truth if s["file"] == file else s for s in tree["shards"]]
    (path / "dataset.json").write_text(json.dumps(tree))
