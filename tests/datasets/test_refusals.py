"""Sources, destinations and options that cannot be taken: one line that says what to do."""

import errno
import resource
import zipfile
from contextlib import contextmanager

import pytest

import stylegan_tf as sg
from image_files import encoded, noise, several, write
from stylegan_tf.datasets.records import GrowingFile


def refused(match, source, dest, error=sg.datasets.DatasetError, **arguments):
    """Checks that nothing is made and that the error says `match` in one line."""
    with pytest.raises(error, match=match) as caught:
        sg.datasets.create(source, dest, **arguments)
    assert "\n" not in str(caught.value)
    assert not any(path.name != source.name for path in dest.parent.iterdir())


@pytest.mark.parametrize(
    ("files", "arguments", "match"),
    [
        ({}, {}, "no images"),
        ({"notes.txt": b"text", ".hidden.png": noise()}, {}, "no images"),
        ({"a.png": noise(8), "b.png": noise(16)}, {}, r"a\.png is 8×8.*--resolution"),
        ({"a.png": noise(8), "b.png": noise(16)}, {}, r"b\.png is 16×16"),
        ({"a.png": noise(8, 16)}, {"crop": "none", "resolution": 8}, r"a\.png.*8×16"),
        ({"a.png": noise(6)}, {}, r"a\.png is 6×6.*power of two.*--resolution"),
        ({"a.png": noise(2)}, {}, r"a\.png is 2×2.*from 4 to 1024"),
        (several(2), {"resolution": 24}, "24.*power of two.*16 or 32"),
        (several(2), {"resolution": 2}, r"\b2\b.*from 4 to 1024.*\b4\b"),
        (several(2), {"resolution": 2048}, "2048.*from 4 to 1024.*1024"),
        (several(2), {"crop": "top"}, "top.*center"),
        (several(2), {"channels": 2}, "channels.*2.*1.*3.*4"),
    ],
)
def test_what_cannot_be_used_is_refused(files, arguments, match, tmp_path):
    (tmp_path / "source").mkdir()
    refused(match, write(tmp_path / "source", files), tmp_path / "made", **arguments)


def test_a_source_that_does_not_exist_is_refused(tmp_path):
    refused(r"nowhere.*does not exist", tmp_path / "nowhere", tmp_path / "made")


@pytest.mark.parametrize("data", [b"", b"text", b"PK\x05\x06 half a zip", b"\x89PNG"])
def test_a_file_that_is_no_zip_is_refused(data, tmp_path):
    source = tmp_path / "source.zip"
    source.write_bytes(data)
    refused(r"source\.zip.*zip", source, tmp_path / "made")


def zipped(path, names=("a.png",)):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, encoded(noise()))
    return bytearray(path.read_bytes())


def test_a_damaged_index_of_a_zip_is_refused(tmp_path):
    source = tmp_path / "source.zip"
    data = zipped(source)
    data[data.find(b"PK\1\2")] = 0
    source.write_bytes(data)
    refused(r"source\.zip", source, tmp_path / "made")


@pytest.mark.parametrize(("offset", "bit", "why"), [(60, 1, "CRC"), (6, 1, "encrypted")])
def test_damaged_and_locked_members_of_a_zip_are_bad_images(offset, bit, why, tmp_path):
    source = tmp_path / "source.zip"
    data = zipped(source, ["a.png", "b.png"])
    data[offset] ^= bit
    if why == "encrypted":
        data[data.find(b"PK\1\2") + 8] ^= bit
    source.write_bytes(data)
    refused(rf"1 of 2.*a\.png.*{why}", source, tmp_path / "made")
    assert sg.datasets.create(source, tmp_path / "made", skip_bad=True).num_images == 1


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_an_existing_destination_is_refused_and_kept(kind, tmp_path):
    source, dest = write(tmp_path / "source", several(2)), tmp_path / "made"
    dest.mkdir() if kind == "folder" else dest.write_text("mine")
    with pytest.raises(sg.datasets.DatasetError, match="made exists"):
        sg.datasets.create(source, dest)
    assert dest.is_dir() if kind == "folder" else dest.read_text() == "mine"


@pytest.mark.parametrize("method", ["write", "close"])
@pytest.mark.parametrize("format", ["shards", "nvidia"])
def test_a_full_disk_leaves_nothing(method, format, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    source = write(tmp_path / "source", several(3))
    monkeypatch.setattr(GrowingFile, method, full)
    refused("No space left.*made", source, tmp_path / "made", OSError, format=format)


@contextmanager
def limited_files(size):
    """Lets no file grow beyond a size: the error comes from the system, as with a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("format", ["shards", "nvidia"])
def test_a_real_write_error_leaves_nothing(format, tmp_path):
    source = write(tmp_path / "source", several(4, width=256))  # 200 kB each
    with limited_files(100_000):
        refused("too large.*made", source, tmp_path / "made", OSError, format=format)


def test_another_format_is_refused(tmp_path):
    source = write(tmp_path / "source", several(1))
    refused("lmdb.*shards or nvidia", source, tmp_path / "made", format="lmdb")
    refused("no alpha", source, tmp_path / "made", format="nvidia", channels=4)
