"""CIFAR-10 and CIFAR-100: archives as published, made here; the pickles as Python 2 wrote them."""

import io
import struct
import tarfile

import numpy as np
import pytest

import stylegan_tf as sg
from image_files import examples, manifest, pixels
from sizes_on_disk import sizes_on_disk
from stylegan_tf.datasets import sources
from stylegan_tf.datasets.sources import open_source

NAMES = ["airplane", "automobile", "bird"]
PARTS = {10: [f"data_batch_{n}" for n in range(1, 6)], 100: ["train"]}


def text(value: str) -> bytes:
    """Pickles a str as Python 2 did: its bytes, short or long."""
    data = value.encode("latin-1")
    return (
        b"U" + bytes([len(data)]) if len(data) < 256 else b"T" + struct.pack("<i", len(data))
    ) + data


def array(values: np.ndarray) -> bytes:
    """Pickles an array of bytes as NumPy did under Python 2."""
    shape = b"".join(b"J" + struct.pack("<i", size) for size in values.shape)
    dtype = b"cnumpy\ndtype\n" + text("u1") + b"K\0K\1\x87R"
    dtype += b"(K\3" + text("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    start = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text("b") + b"\x87R"
    return (
        start
        + b"(K\1"
        + shape
        + b"\x86"
        + dtype
        + b"\x89"
        + text(values.tobytes().decode("latin-1"))
        + b"tb"
    )


def pickle_2(content: dict) -> bytes:
    """Pickles a dict of str to arrays and lists as Python 2's cPickle did at protocol 2."""
    pairs = b""
    for key, value in content.items():
        pairs += text(key)
        if isinstance(value, np.ndarray):
            pairs += array(value)
        else:
            items = [text(v) if isinstance(v, str) else b"K" + bytes([v]) for v in value]
            pairs += b"](" + b"".join(items) + b"e"
    return b"\x80\x02}(" + pairs + b"u."


def cifar(rng, classes: int, form: str, each=4) -> tuple[dict[str, bytes], np.ndarray, np.ndarray]:
    """Returns the files of a set, its images for training [N, 3, 32, 32], and their classes."""
    files, parts = {}, PARTS[classes]
    images = rng.integers(0, 256, (each * len(parts), 3, 32, 32), np.uint8)
    labels = rng.integers(0, len(NAMES), len(images)).astype(np.uint8)
    for index, part in enumerate(parts):
        rows = images[index * each : (index + 1) * each].reshape(each, -1)
        own = labels[index * each : (index + 1) * each]
        if form == "python":
            key = "labels" if classes == 10 else "fine_labels"
            content = {"batch_label": [], key: own.tolist(), "data": rows}
            files[part] = pickle_2({**content, "coarse_labels": [0] * each})
        else:
            before = (
                [own[:, None]] if classes == 10 else [np.full((each, 1), 9, np.uint8), own[:, None]]
            )
            files[f"{part}.bin"] = np.hstack([*before, rows]).tobytes()
    if form == "python":
        key = "label_names" if classes == 10 else "fine_label_names"
        files["batches.meta" if classes == 10 else "meta"] = pickle_2({key: NAMES})
    else:
        name = "batches.meta.txt" if classes == 10 else "fine_label_names.txt"
        files[name] = ("\n".join(NAMES) + "\n\n").encode()
    return {**files, "readme.html": b"not read"}, images, labels


def written(path, files: dict[str, bytes], packed: bool):
    """Writes the set as a .tar.gz with a folder inside, or as a folder."""
    if not packed:
        path.mkdir()
        for name, data in files.items():
            (path / name).write_bytes(data)
        return path
    path = path.with_suffix(".tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"cifar-batches/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", ["binary", "python"])
@pytest.mark.parametrize("classes", [10, 100])
def test_training_images_with_their_classes(classes, form, packed, rng, tmp_path):
    files, images, labels = cifar(rng, classes, form)
    sg.datasets.create(written(tmp_path / "cifar", files, packed), tmp_path / "made")
    assert manifest(tmp_path / "made")["label_names"] == NAMES
    result = examples(tmp_path / "made")
    assert len(result) == len(images)
    for name, data, label in result:
        index = int(name.removesuffix(".png"))
        np.testing.assert_array_equal(pixels(data), images[index].transpose(1, 2, 0))
        assert label == np.eye(len(NAMES))[labels[index]].tolist()


TEST = {
    (10, "binary"): ("data_batch_2.bin", "test_batch.bin"),
    (10, "python"): ("data_batch_2", "test_batch"),
    (100, "binary"): ("train.bin", "test.bin"),
    (100, "python"): ("train", "test"),
}


@pytest.mark.parametrize(("classes", "form"), TEST)
def test_the_test_images_are_a_source_of_their_own(classes, form, rng, tmp_path):
    """Given by their file; the folder is still that of the training images."""
    files, images, _ = cifar(rng, classes, form)
    others, tested, labels = cifar(rng, classes, form)
    part, name = TEST[classes, form]
    source = written(tmp_path / "cifar", {**files, name: others[part]}, packed=False)
    own = slice(4, 8) if classes == 10 else slice(None)
    sg.datasets.create(source / name, tmp_path / "made")
    assert manifest(tmp_path / "made")["label_names"] == NAMES
    result = examples(tmp_path / "made")
    assert len(result) == len(tested[own])
    for name, data, label in result:
        index = int(name.removesuffix(".png"))
        np.testing.assert_array_equal(pixels(data), tested[own][index].transpose(1, 2, 0))
        assert label == np.eye(len(NAMES))[labels[own][index]].tolist()
    assert len(open_source(source).names) == len(images)


def test_a_part_without_the_names_of_its_classes_is_of_no_known_kind(rng, tmp_path):
    files, _, _ = cifar(rng, 10, "binary")
    del files["batches.meta.txt"]
    source = written(tmp_path / "cifar", files, packed=False)
    with pytest.raises(sg.datasets.DatasetError, match=r"data_batch_1\.bin is of no known kind"):
        open_source(source / "data_batch_1.bin")


def test_the_pickles_of_these_tests_are_what_python_reads(rng):
    """Checks the oracle: Python's own unpickler reads them as it reads the published ones."""
    import pickle

    files, images, labels = cifar(rng, 100, "python")
    content = pickle.loads(files["train"], encoding="latin1")
    np.testing.assert_array_equal(content["data"], images.reshape(len(images), -1))
    assert content["fine_labels"] == labels.tolist()


def refused(files, match, tmp_path, packed=False):
    with pytest.raises(sg.datasets.DatasetError, match=match) as caught:
        open_source(written(tmp_path / "cifar", files, packed))
    assert "\n" not in str(caught.value)


def test_code_in_a_pickle_is_refused_by_name(rng, tmp_path):
    files, _, _ = cifar(rng, 100, "python")
    files["train"] = b"\x80\x02cos\nsystem\n" + text("touch owned") + b"\x85R."
    refused(files, r"cifar/train.*os\.system", tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_a_missing_part_is_named(packed, rng, tmp_path):
    files, _, _ = cifar(rng, 10, "binary")
    del files["data_batch_3.bin"]
    refused(files, r"cifar.*data_batch_3\.bin is missing", tmp_path, packed)


@pytest.mark.parametrize(
    ("form", "name", "change", "match"),
    [
        ("binary", "train.bin", lambda data: data[:-1], "middle of an image"),
        ("binary", "train.bin", lambda data: b"", "no images"),
        ("binary", "fine_label_names.txt", lambda data: b"one", "names 1 classes"),
        ("binary", "fine_label_names.txt", lambda data: b"\xff", "fine_label_names.txt"),
        ("python", "train", lambda data: data[:-50], "train"),
        ("python", "train", lambda data: data[:50], "train"),
        ("python", "train", lambda data: b"", "train"),
        ("python", "train", lambda data: b"\x80\x02].", "no dict"),
        ("python", "train", lambda data: b"\x80\x02}.", "train"),
        (
            "python",
            "train",
            lambda data: pickle_2({"data": np.zeros((2, 9), np.uint8), "fine_labels": [1, 2]}),
            r"\(2, 9\)",
        ),
        (
            "python",
            "train",
            lambda data: pickle_2({"data": np.zeros((1, 3072), np.uint8), "fine_labels": ["x"]}),
            "classes",
        ),
        ("python", "meta", lambda data: pickle_2({"fine_label_names": [1]}), "names"),
    ],
)
def test_damaged_parts_are_refused(form, name, change, match, rng, tmp_path):
    files, _, _ = cifar(rng, 100, form)
    files[name] = change(files[name])
    refused(files, f"cifar.*{match}", tmp_path)


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_a_truncated_archive_is_refused(keep, rng, tmp_path):
    files, _, _ = cifar(rng, 10, "binary")
    path = written(tmp_path / "cifar", files, True)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(sg.datasets.DatasetError, match=r"cifar\.tar\.gz"):
        open_source(path)


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked_on(rng, tmp_path, monkeypatch):
    """CIFAR is not larger than that; here 50 MB of zeros are in 50 kB."""
    monkeypatch.setattr(sources.cifar, "MAX_BYTES", 1_000_000)
    files, _, _ = cifar(rng, 10, "binary")
    path = written(tmp_path / "cifar", {"zeros": bytes(50_000_000), **files}, True)
    unpacked = sizes_on_disk(monkeypatch, sources.cifar)
    with pytest.raises(sg.datasets.DatasetError, match=r"cifar\.tar\.gz is of no known kind"):
        open_source(path)
    assert unpacked == [1_000_000]


def test_a_part_that_is_far_too_long_is_refused(rng, tmp_path, monkeypatch):
    monkeypatch.setattr(sources.cifar, "MAX_BYTES", 20 * 3074)
    files, _, _ = cifar(rng, 100, "binary", each=21)
    refused(files, r"train\.bin.*more images than CIFAR", tmp_path)
