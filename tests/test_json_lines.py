"""Files of one JSON object a line."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf import json_lines

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
VALUES = st.none() | st.booleans() | NUMBERS | st.text() | st.lists(st.text(), max_size=2)


@given(rows=st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=4))
def test_objects_come_back_as_they_were(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    for row in rows:
        json_lines.append(path, row)
    assert json_lines.read(path) == rows
    json_lines.rewrite(path, rows[1:])
    assert json_lines.read(path) == rows[1:]


def test_a_file_that_is_not_there_has_no_objects(tmp_path):
    assert json_lines.read(tmp_path / "a.jsonl") == []


def test_numbers_that_are_not_finite_are_null(tmp_path):
    path = tmp_path / "a.jsonl"
    json_lines.append(path, {"a": float("nan"), "b": float("-inf"), "c": 1.5})
    assert path.read_text() == '{"a": null, "b": null, "c": 1.5}\n'


def test_a_line_that_was_cut_off_is_left_out_and_spoils_no_other(tmp_path):
    path = tmp_path / "a.jsonl"
    json_lines.append(path, {"a": 0})
    with path.open("a") as file:
        file.write('{"a": 1, "b')
    assert json_lines.read(path) == [{"a": 0}]
    json_lines.append(path, {"a": 2})
    assert json_lines.read(path) == [{"a": 0}, {"a": 2}]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", b"[1]\n", b"7\n"])
def test_another_file_is_refused_by_name_and_line(content, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" + content)
    with pytest.raises(ValueError, match=r"a\.jsonl, line 2, is no JSON object"):
        json_lines.read(path)


def test_lines_of_several_writers_stay_whole(tmp_path):
    path = tmp_path / "a.jsonl"

    def write(number):
        for _ in range(50):
            json_lines.append(path, {"number": number, "text": "x" * 500})

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    numbers = [row["number"] for row in json_lines.read(path)]
    assert sorted(numbers) == sorted([0, 1, 2, 3] * 50)
