"""Images that cannot be taken: refused by name, with the reason, and without a trace."""

import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import stylegan_tf as sg
from image_files import encoded, manifest, noise, several, stored, write
from stylegan_tf.datasets import conversion

GREY_16 = Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)


def png(width, height, depth, kind, rows: bytes) -> bytes:
    """A PNG by the book: Pillow cannot write 16 bits of RGB."""

    def chunk(name, data):
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


RGB_16 = png(8, 8, 16, 2, (b"\0" + bytes(48)) * 8)
BAD = {
    "text": ("bad.png", b"not an image"),
    "empty": ("bad.png", b""),
    "truncated JPEG": ("bad.jpg", encoded(noise(32), "JPEG")[:-200]),
    "truncated PNG": ("bad.png", encoded(noise(32))[:-200]),
    "16-bit TIFF": ("bad.tiff", encoded(GREY_16, "TIFF")),
    "16-bit grey PNG": ("bad.png", encoded(GREY_16)),
    "16-bit RGB PNG": ("bad.png", RGB_16),
    "GIF": ("bad.gif", encoded(noise(), "GIF")),
    "BMP": ("bad.bmp", encoded(noise(), "BMP")),
    "GIF named PNG": ("bad.png", encoded(noise(), "GIF")),
    "animation": (
        "bad.webp",
        encoded(noise(), "WEBP", save_all=True, append_images=[noise(seed=1)]),
    ),
    "bomb": ("bad.png", png(15000, 15000, 8, 2, b"")),
    "great bomb": ("bad.png", png(60000, 60000, 8, 2, b"")),
}
bad = pytest.mark.parametrize(("name", "data"), BAD.values(), ids=BAD)


@bad
def test_a_bad_image_is_refused_by_name(name, data, tmp_path):
    source = write(tmp_path / "source", {"good.png": noise(), name: data})
    with pytest.raises(sg.datasets.DatasetError, match=name) as caught:
        sg.datasets.create(source, tmp_path / "made", resolution=8)
    assert "1 of 2" in str(caught.value)
    assert "good.png" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [source]


@bad
def test_skip_bad_leaves_it_out_and_lists_it(name, data, tmp_path):
    source = write(tmp_path / "source", {"good.png": noise(), name: data})
    sg.datasets.create(source, tmp_path / "made", resolution=8, skip_bad=True)
    assert list(stored(tmp_path / "made")) == ["good.png"]
    assert manifest(tmp_path / "made")["num_images"] == 1


def test_16_bits_are_named_as_the_reason(tmp_path):
    source = write(tmp_path / "source", {"a.png": encoded(GREY_16), "b.png": RGB_16})
    with pytest.raises(sg.datasets.DatasetError, match=r"a\.png has 16.*b\.png has 16"):
        sg.datasets.create(source, tmp_path / "made", resolution=8)


def test_of_many_bad_images_some_are_named_and_all_are_counted(tmp_path):
    bad = {f"bad{index}.png": b"" for index in range(9)}
    source = write(tmp_path / "source", {**several(2), **bad})
    with pytest.raises(sg.datasets.DatasetError, match=r"9 of 11.*and 6 more") as caught:
        sg.datasets.create(source, tmp_path / "made")
    assert "\n" not in str(caught.value)


def test_a_file_that_unpacks_to_far_more_than_an_image_is_not_read_on(tmp_path, monkeypatch):
    """A member of a zip: 50 MB of zeros in 50 kB, of which it reads a byte more than it takes."""
    monkeypatch.setattr(conversion, "MAX_BYTES", 3 << 20)
    path = tmp_path / "source.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.png", encoded(noise()))
        archive.writestr("zeros.png", bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(sg.datasets.DatasetError, match=r"zeros\.png has more than 3 MB"):
        sg.datasets.create(path, tmp_path / "made", resolution=8)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000


def test_only_bad_images_make_no_dataset(tmp_path):
    source = write(tmp_path / "source", {"a.png": b"", "b.png": b""})
    with pytest.raises(sg.datasets.DatasetError, match="2 of 2"):
        sg.datasets.create(source, tmp_path / "made", resolution=8, skip_bad=True)
    assert not (tmp_path / "made").exists()


GOOD = {format: encoded(noise(16), format) for format in ("PNG", "JPEG", "WEBP")}


@st.composite
def damaged(draw):
    """A good file with a few bytes changed."""
    data = bytearray(GOOD[draw(st.sampled_from(sorted(GOOD)))])
    for place in draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=20)):
        data[place] ^= draw(st.integers(1, 255))
    return bytes(data)


@given(data=st.binary(max_size=300) | damaged())
@settings(max_examples=50)
def test_damaged_files_never_raise_anything_else(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    source = write(folder / "source", {"bad.png": data})
    try:
        sg.datasets.create(source, folder / "made", resolution=16)
    except sg.datasets.DatasetError as error:
        assert "bad.png" in str(error)
        assert list(folder.iterdir()) == [source]
    else:  # then it did decode, and does so when it is read
        assert tf.io.decode_image(stored(folder / "made")["bad.png"], 3).shape == (16, 16, 3)
