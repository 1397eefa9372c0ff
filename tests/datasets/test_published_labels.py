"""`dataset.json`, the labels of StyleGAN2-ADA's data sets, in folders, zips and files."""

import json
import zipfile

import pytest

import stylegan_tf as sg
from image_files import encoded, examples, several, write

FILES = {f"00000/{name}": image for name, image in several(3).items()}
NAMES = list(FILES)
CLASSES = {"labels": [[name, index] for index, name in enumerate(NAMES)]}
NUMBERS = {"labels": [[name, [0.5, index]] for index, name in enumerate(NAMES)]}


def source(folder, kind: str, labels):
    """Makes a folder or a zip of images and labels, JSON or bytes."""
    data = labels if isinstance(labels, bytes) else json.dumps(labels).encode()
    files = {**FILES, "dataset.json": data}
    if kind == "folder":
        return write(folder / "source", files)
    with zipfile.ZipFile(folder / "source.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content if isinstance(content, bytes) else encoded(content))
    return folder / "source.zip"


def by_name(path) -> dict[str, list[float]]:
    return {name: label for name, _, label in examples(path)}


kinds = pytest.mark.parametrize("kind", ["folder", "zip"])


@kinds
def test_classes(kind, tmp_path):
    sg.datasets.create(source(tmp_path, kind, CLASSES), tmp_path / "made")
    rows = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert by_name(tmp_path / "made") == dict(zip(NAMES, rows, strict=True))


@kinds
def test_numbers(kind, tmp_path):
    sg.datasets.create(source(tmp_path, kind, NUMBERS), tmp_path / "made")
    rows = [[0.5, 0], [0.5, 1], [0.5, 2]]
    assert by_name(tmp_path / "made") == dict(zip(NAMES, rows, strict=True))


@kinds
@pytest.mark.parametrize("labels", [{"labels": None}, {"other": 1}, ["x"], 3])
def test_null_and_what_is_no_list_of_labels_are_none(kind, labels, tmp_path):
    assert not sg.datasets.create(source(tmp_path, kind, labels), tmp_path / "made").label_size


def test_they_can_be_left_out(tmp_path):
    made = sg.datasets.create(source(tmp_path, "folder", CLASSES), tmp_path / "made", labels="none")
    assert made.label_size == 0


def test_the_file_can_be_given_by_itself(tmp_path):
    (tmp_path / "labels.json").write_text(json.dumps(CLASSES))
    images = write(tmp_path / "source", FILES)
    made = sg.datasets.create(images, tmp_path / "made", labels=tmp_path / "labels.json")
    assert made.label_size == 3


@kinds
@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ({"labels": CLASSES["labels"][1:]}, r"no label for 00000/00\.png"),
        ({"labels": {"a": 1}}, "list of pairs"),
        ({"labels": [["a"]]}, "list of pairs"),
        ({"labels": [[1, 2]]}, "list of pairs"),
        ({"labels": [[name, -1] for name in NAMES]}, "indices"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
    ids=str,
)
def test_labels_that_do_not_fit_are_refused(kind, labels, match, tmp_path):
    with pytest.raises(sg.datasets.DatasetError, match=rf"dataset\.json.*{match}") as caught:
        sg.datasets.create(source(tmp_path, kind, labels), tmp_path / "made")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("offset", "bit", "why"), [(0, 4, "CRC"), (None, 1, "encrypted")])
def test_a_damaged_or_locked_file_in_a_zip_is_refused(offset, bit, why, tmp_path):
    path = source(tmp_path, "zip", CLASSES)
    data = bytearray(path.read_bytes())
    if offset is None:  # the flag that a member is locked, in the member and in the index
        index = data.rindex(b"dataset.json")
        for place in (data.index(b"dataset.json") - 30 + 6, index - 46 + 8):
            data[place] ^= bit
    else:
        data[data.index(b'{"labels"') + offset] ^= bit
    path.write_bytes(data)
    with pytest.raises(sg.datasets.DatasetError, match=rf"dataset\.json.*{why}"):
        sg.datasets.create(path, tmp_path / "made")
