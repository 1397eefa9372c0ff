"""Labelled seeds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf.directions.labels import read_labels


@pytest.fixture
def table(tmp_path):
    """Writes a CSV."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "labels.csv"
        path.write_text(text, encoding)
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])  # spreadsheets begin with a mark
def test_a_table_has_a_column_for_each_name(table, encoding):
    result = read_labels(table("seed,smile,hat\r\n3,1,0\r\n\r\n5, 0 ,\r\n12,1,1\r\n", encoding))
    assert {name: [part.tolist() for part in pair] for name, pair in result.items()} == {
        "smile": [[3, 5, 12], [1, 0, 1]],
        "hat": [[3, 12], [0, 1]],  # an empty cell is no label
    }


def test_a_folder_has_images_sorted_by_their_label(tmp_path):
    for name in ("0/seed0003.png", "0/seed0012.png", "1/seed123456.png", "1/notes.txt"):
        path = tmp_path / "smile" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    result = read_labels(tmp_path / "smile")
    assert {name: [part.tolist() for part in pair] for name, pair in result.items()} == {
        "smile": [[3, 12, 123456], [0, 0, 1]]
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with seed,NAME"),
        ("seed\n1\n", "does not begin with seed,NAME"),
        ("smile,seed\n1,3\n", "does not begin with seed,NAME"),
        ("seed,a,a\n1,0,1\n", "does not begin with seed,NAME"),
        ("seed,smile\n1,2\n", "row 1: smile is 2; it can be 0, 1 or empty"),
        ("seed,smile\n1,0\n-2,1\n", "row 2: -2,1 is not a seed and 1 labels"),
        ("seed,smile\n1,0,1\n", "row 1: 1,0,1 is not a seed and 1 labels"),
    ],
)
def test_a_wrong_table_is_refused(table, text, reason):
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        read_labels(table(text))
    assert "labels.csv" in str(caught.value)


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no.csv does not exist; labels are a CSV"):
        read_labels(tmp_path / "no.csv")
    with pytest.raises(ValueError, match="holds no labelled images"):
        read_labels(tmp_path)


@given(data=st.binary(max_size=60) | st.binary(max_size=30).map(lambda end: b"seed,a\n" + end))
def test_any_bytes_are_labels_or_refused_by_name(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "labels.csv"
    path.write_bytes(data)
    try:
        read_labels(path)
    except ValueError as error:
        assert "labels.csv" in str(error)
