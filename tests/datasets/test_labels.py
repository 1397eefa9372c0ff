"""Labels from folders and JSON files."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stylegan_tf as sg
from image_files import examples, manifest, several, write
from stylegan_tf.datasets.labels import from_file

NAMES = ["00.png", "01.png", "02.png"]


def labelled(folder, labels, files=None):
    """Makes a dataset with the labels of a JSON value; returns labels by image."""
    source = write(folder / "source", files or several(3))
    if not isinstance(labels, str):
        (folder / "labels.json").write_text(json.dumps(labels))
        labels = str(folder / "labels.json")
    sg.datasets.create(source, folder / "made", labels=labels)
    return {name: label for name, _, label in examples(folder / "made")}


def test_without_labels_there_are_none(tmp_path):
    assert labelled(tmp_path, "none") == {name: [] for name in NAMES}
    assert manifest(tmp_path / "made")["label_size"] == 0


def test_folders_at_the_top_are_classes_in_alphabetical_order(tmp_path):
    files = dict(zip(["b/x.png", "a/y.png", "c/d/z.png"], several(3).values(), strict=True))
    labels = labelled(tmp_path, "folders", files)
    assert labels == {"a/y.png": [1, 0, 0], "b/x.png": [0, 1, 0], "c/d/z.png": [0, 0, 1]}
    assert manifest(tmp_path / "made")["label_names"] == ["a", "b", "c"]


def test_folders_that_are_no_classes_are_noted(tmp_path):
    files = dict(zip(["b/x.png", "a/y.png", "b/z.png"], several(3).values(), strict=True))
    labelled(tmp_path, "none", files)
    assert sg.datasets.open(tmp_path / "made").unused_folders == ["a", "b"]


@pytest.mark.parametrize(
    ("names", "labels"), [(["a/x.png", "y.png"], "none"), (["a/x.png", "b/y.png"], "folders")]
)
def test_no_folders_are_noted_where_they_are_used_or_could_not_be(names, labels, tmp_path):
    labelled(tmp_path, labels, dict(zip(names, several(2).values(), strict=True)))
    assert "folders" not in manifest(tmp_path / "made")


def test_classes_by_name(tmp_path):
    labels = labelled(tmp_path, dict(zip(NAMES, ["dog", "cat", "dog"], strict=True)))
    assert labels == dict(zip(NAMES, [[0, 1], [1, 0], [0, 1]], strict=True))
    tree = manifest(tmp_path / "made")
    assert (tree["label_names"], tree["label_size"]) == (["cat", "dog"], 2)


def test_classes_by_number(tmp_path):
    labels = labelled(tmp_path, dict(zip(NAMES, [3, 0, 1], strict=True)))
    assert labels == dict(zip(NAMES, [[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]], strict=True))
    assert manifest(tmp_path / "made")["label_names"] == []


def test_vectors_are_kept_as_they_are(tmp_path):
    vectors = dict(zip(NAMES, [[0.5, -1], [2, 0], [0, 0]], strict=True))
    assert labelled(tmp_path, vectors) == vectors
    assert manifest(tmp_path / "made")["label_size"] == 2


def test_labels_of_other_images_do_not_matter(tmp_path):
    labels = labelled(tmp_path, {**dict.fromkeys(NAMES, "a"), "99.png": "b"})
    assert labels == {name: [1] for name in NAMES}


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ({"00.png": "a", "01.png": "b"}, r"no label for 02\.png"),
        (dict(zip(NAMES, ["a", 1, "b"], strict=True)), r"labels\.json"),
        (dict(zip(NAMES, [[1, 2], [1], [1, 2]], strict=True)), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, ["x"]), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, [None]), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, [float("nan")]), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, [10**400]), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, [1e39]), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, 1 << 16), r"labels\.json.*indices from 0 to 65535"),
        (dict.fromkeys(NAMES, []), r"labels\.json.*numbers"),
        (dict.fromkeys(NAMES, -1), r"labels\.json"),
        (dict.fromkeys(NAMES, True), r"labels\.json"),
        (dict.fromkeys(NAMES), r"labels\.json"),
        (dict.fromkeys(NAMES, 0.5), r"labels\.json"),
        (dict.fromkeys(NAMES, {"a": 1}), r"labels\.json"),
        (["00.png"], r"labels\.json"),
        (3, r"labels\.json"),
        ("folders", r"00\.png.*in.*folder"),
        ("nowhere.json", r"nowhere\.json.*none.*folders.*JSON"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, match, tmp_path):
    with pytest.raises(sg.datasets.DatasetError, match=match) as caught:
        labelled(tmp_path, labels)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"not JSON"])
def test_a_file_that_is_not_json_is_refused(text, tmp_path):
    (tmp_path / "bad.json").write_bytes(text)
    with pytest.raises(sg.datasets.DatasetError, match=r"bad\.json.*JSON"):
        labelled(tmp_path, str(tmp_path / "bad.json"))


STARTS = [b"", b'{"00.png": ', b'{"labels": [["00.png", ', b"3\nMale Young\n00.png "]


@given(
    start=st.sampled_from(STARTS), rest=st.binary(max_size=40) | st.text(max_size=9).map(str.encode)
)
def test_any_bytes_are_labels_or_refused_by_name(start, rest, tmp_path_factory):
    path = tmp_path_factory.mktemp("any") / "labels.json"
    path.write_bytes(start + rest)
    try:
        result = from_file(path, ["00.png"])
    except sg.datasets.DatasetError as error:
        assert str(error).startswith(str(path))
    else:
        assert not result.size or len(result.vector("00.png")) == result.size
