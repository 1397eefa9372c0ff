"""Which reader takes a file, and what becomes of files that are of no kind, or damaged."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stylegan_tf as sg
from image_files import noise, write
from stylegan_tf.datasets.records import checksum
from stylegan_tf.datasets.sources import open_source
from stylegan_tf.datasets.sources.files import Folder

TEN = (10).to_bytes(8, "little")
# How a file of each kind begins: random bytes alone would never get past that.
STARTS = {
    "nothing": b"",
    "IDX": b"\0\0\x08\x03\0\0\0\x02\0\0\0\x03\0\0\0\x04",
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\3",
    "LMDB": bytes(16) + b"\xde\xc0\xef\xbe\1\0\0\0" + bytes(16) + b"\0\x10\0\0",
    "TFRecord": TEN + checksum(TEN),
    "zip": b"PK\3\4",
    "tar": tarfile.TarInfo("data_batch_1").tobuf() * 2,
}
FOLDERS = {
    "IDX": ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
    "packed IDX": ["train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz"],
    "LMDB": ["data.mdb"],
    "TFRecords": ["a-r02.tfrecords", "a-rxx.labels"],
    "CIFAR-10": [f"data_batch_{n}" for n in range(1, 6)] + ["batches.meta"],
    "CIFAR-100": ["train.bin", "fine_label_names.txt"],
    "labels": ["dataset.json", "a.png"],
}


def only_clear_errors(path):
    """Opens a source and its labels; checks that an error is one line that names the path."""
    try:
        source = open_source(path)
        source.labels()
    except sg.datasets.DatasetError as error:
        assert path.name in str(error)
        assert "\n" not in str(error)


@given(start=st.sampled_from(sorted(STARTS)), rest=st.binary(max_size=300), packed=st.booleans())
@settings(max_examples=150)
def test_random_bytes_in_a_file(start, rest, packed, tmp_path_factory):
    path = tmp_path_factory.mktemp("random") / "source.bin"
    data = STARTS[start] + rest
    path.write_bytes(gzip.compress(data) if packed else data)
    only_clear_errors(path)


@given(kind=st.sampled_from(sorted(FOLDERS)), data=st.data())
@settings(max_examples=150)
def test_random_bytes_in_a_folder(kind, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("random") / "source"
    folder.mkdir()
    for name in FOLDERS[kind]:
        start = STARTS[data.draw(st.sampled_from(sorted(STARTS)))]
        (folder / name).write_bytes(start + data.draw(st.binary(max_size=200)))
    only_clear_errors(folder)


@given(data=st.binary(max_size=300))
@settings(max_examples=50)
def test_random_pickles(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("random") / "source"
    write(folder, {"train": b"\x80\x02}(" + data, "meta": data + b"."})
    only_clear_errors(folder)


def test_a_folder_of_images_stays_one_whatever_else_is_in_it(tmp_path):
    files = {"a.png": noise(), "train": b"", "test.tfrecords": b"", "data.mdb": b"text"}
    source = open_source(write(tmp_path / "source", files))
    assert isinstance(source, Folder)
    assert source.names == ["a.png"]


def test_a_tar_of_images_is_of_no_known_kind(tmp_path):
    path = tmp_path / "images.tar"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("a.png"), io.BytesIO())
    with pytest.raises(sg.datasets.DatasetError, match=r"images\.tar is of no known kind"):
        open_source(path)
