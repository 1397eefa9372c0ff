"""Images per second of `dataset create`, and of the stream that training reads.

    python benchmarks/datasets.py

makes images with the smoothness of photographs and prints a line a resolution: `create` from PNG
files that go in as they are, and from JPEG files that are cropped, resized and encoded; then the
stream of the dataset that became of the latter, at full resolution and at 8×8, as while growing.
"""

import stylegan_tf  # noqa: I001, F401  before TensorFlow, which it tells to use oneDNN

import tempfile
import time
from pathlib import Path

import click
import numpy as np
import tensorflow  # noqa: F401  so that its start is not measured
from PIL import Image

from stylegan_tf import datasets

RESOLUTIONS = (32, 64, 128, 256, 512, 1024)
PIXELS, MAX_IMAGES = 1 << 24, 1000  # of a resolution
DIFFERENT = 16  # images; the others are copies
BATCH = 8
SECONDS = 3.0  # that a stream is read


def photograph(width: int, height: int, seed: int) -> Image.Image:
    """Returns coarse shapes and a little noise: files as long as those of photographs."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(0, 256, [12, 18, 3], np.uint8))
    smooth = np.asarray(shapes.resize((width, height), Image.Resampling.BICUBIC), np.int16)
    noisy = smooth + random.integers(-3, 4, smooth.shape, np.int16)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def write_images(folder: Path, count: int, width: int, height: int, suffix: str) -> Path:
    """Writes files of images, many of them copies."""
    folder.mkdir()
    for index in range(min(count, DIFFERENT)):
        photograph(width, height, index).save(folder / f"{index:05d}{suffix}")
    for index in range(DIFFERENT, count):
        original = folder / f"{index % DIFFERENT:05d}{suffix}"
        (folder / f"{index:05d}{suffix}").write_bytes(original.read_bytes())
    return folder


def create_rate(source: Path, dest: Path, resolution: int, count: int) -> float:
    """Images per second of making a dataset."""
    started = time.perf_counter()
    datasets.create(source, dest, resolution=resolution)
    return count / (time.perf_counter() - started)


def stream_rate(path: Path, resolution: int) -> float:
    """Images per second of reading batches, after the first few."""
    batches = datasets.open(path).batches(resolution, BATCH, mirror=True).as_numpy_iterator()
    for _ in range(3):
        next(batches)
    started, shown = time.perf_counter(), 0
    while (taken := time.perf_counter() - started) < SECONDS:
        shown += len(next(batches))
    return shown / taken


@click.command()
def main():
    """Measure create and the stream at 32² to 1024²."""
    click.echo("resolution  images  create, PNG  create, JPEG  stream  stream at 8²  (images/s)")
    for resolution in RESOLUTIONS:
        count = min(MAX_IMAGES, PIXELS // resolution**2)
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            same = write_images(place / "png", count, resolution, resolution, ".png")
            larger = write_images(
                place / "jpeg", count, resolution * 9 // 4, resolution * 3 // 2, ".jpg"
            )
            png = create_rate(same, place / "a", resolution, count)
            jpeg = create_rate(larger, place / "b", resolution, count)
            full, small = (stream_rate(place / "b", size) for size in (resolution, 8))
        made = f"{resolution:>9}²  {count:>6}  {png:11,.0f}  {jpeg:12,.0f}"
        click.echo(f"{made}  {full:6,.0f}  {small:12,.0f}")


if __name__ == "__main__":
    main()
