"""TFRecord files, byte for byte as TensorFlow writes and reads them."""

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from stylegan_tf.datasets.records import CutOff, GrowingFile, RecordFile, read_records

RECORDS = [b"", b"a", bytes(1000), b"123456789" * 50]


def by_tensorflow(path, records=RECORDS):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return path


def by_us(path, records=RECORDS, *place):
    file = RecordFile(path, *place)
    for record in records:
        file.write(record)
    file.close()
    return file


def test_files_are_those_of_tensorflow(tmp_path):
    expected = by_tensorflow(tmp_path / "theirs").read_bytes()
    file = by_us(tmp_path / "ours")
    assert (tmp_path / "ours").read_bytes() == expected
    assert (file.count, file.size) == (4, len(expected))


def test_reading_gives_what_tensorflow_wrote(tmp_path):
    assert list(read_records(by_tensorflow(tmp_path / "theirs"))) == RECORDS


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_a_file_goes_on_where_it_was_noted_whatever_came_behind(kept, tmp_path):
    size = by_us(tmp_path / "whole", RECORDS[:kept]).size
    by_us(tmp_path / "whole")
    expected = (tmp_path / "whole").read_bytes()
    (tmp_path / "broken").write_bytes(expected[: size + 5])
    by_us(tmp_path / "broken", RECORDS[kept:], kept, size)
    assert (tmp_path / "broken").read_bytes() == expected


def test_what_came_behind_is_cut_off_even_if_nothing_is_added(tmp_path):
    (tmp_path / "file").write_bytes(b"noted, not noted")
    GrowingFile(tmp_path / "file", 1, 5).close()
    assert (tmp_path / "file").read_bytes() == b"noted"


def test_a_damaged_record_is_none_and_the_others_are_read(tmp_path):
    data = bytearray(by_tensorflow(tmp_path / "file").read_bytes())
    data[16 + 12] ^= 1
    (tmp_path / "file").write_bytes(data)
    assert list(read_records(tmp_path / "file")) == [RECORDS[0], None, *RECORDS[2:]]


@pytest.mark.parametrize("cut", [1, 3, 15, 20])
def test_a_file_that_is_cut_off_says_so_after_what_is_whole(cut, tmp_path):
    path = by_tensorflow(tmp_path / "file")
    path.write_bytes(path.read_bytes()[:-cut])
    result = []
    with pytest.raises(CutOff):
        result.extend(read_records(path))
    assert result == RECORDS[:3]


def read_records_before(path):
    try:
        yield from read_records(path)
    except CutOff:
        return


@given(data=st.binary(max_size=200))
def test_random_bytes_are_nothing_but_cut_off(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("random") / "file"
    path.write_bytes(data)
    if data:
        with pytest.raises(CutOff):
            list(read_records(path))


@given(place=st.integers(0, 8 + 4 + 9), bit=st.integers(0, 7))
def test_a_changed_bit_never_passes(place, bit, tmp_path_factory):
    path = by_tensorflow(tmp_path_factory.mktemp("changed") / "file", [b"something"])
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(data)
    assert list(read_records_before(path)) in ([], [None])
