"""What `create` holds in memory does not grow with the source: the names alone stay."""

import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import encoded, noise, write

pytestmark = pytest.mark.any_stack

SIDE = 128  # pixels: files of 16 kB (grey) and 48 kB, of noise, which nothing makes smaller
FEW, MANY = 100, 400  # images; shards of fewer do not fill the buffers that they go through


def folder(path, count):
    return write(path, {f"{index}.png": noise(SIDE, seed=index) for index in range(count)})


def packed(path, count):
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            archive.writestr(f"{index}.png", encoded(noise(SIDE, seed=index)))
    return path


def idx(path, count):
    pixels = np.random.default_rng(0).integers(0, 256, count * SIDE * SIDE, np.uint8)
    path.write_bytes(struct.pack(">HBBIII", 0, 8, 3, count, SIDE, SIDE) + pixels.tobytes())
    return path


def nvidia(path, count):
    sg.datasets.create(folder(path / "images", count), path / "set", format="nvidia")
    return path / "set"


def most_memory(function) -> int:
    """Returns the most bytes that Python and NumPy have while a function runs."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("make", [folder, packed, idx, nvidia])
def test_four_times_as_many_images_need_no_more_memory(make, tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0})  # for four in flight
    (tmp_path / "sources").mkdir()
    needed = {}
    for count in (20, FEW, MANY):  # the first time things are loaded that stay
        source = make(tmp_path / "sources" / str(count), count)
        dest = tmp_path / str(count)
        needed[count] = most_memory(lambda s=source, d=dest: sg.datasets.create(s, d))
    grown = (MANY - FEW) * SIDE * SIDE  # bytes, of grey images
    assert needed[MANY] - needed[FEW] < grown / 4
