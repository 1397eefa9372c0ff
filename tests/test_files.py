"""Files that are written as a whole or not at all, and their SHA-256."""

import hashlib

import pytest

from stylegan_tf.files import atomic_write, sha256_of, write_text


def test_a_file_appears_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_write(path) as partial:
        partial.write_text("half")
        assert not path.exists()
        partial.write_text("whole")
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_the_partial_file_has_the_suffix_and_the_folder_of_the_final_one(tmp_path):
    with atomic_write(tmp_path / "a.keras") as partial:
        assert (partial.suffix, partial.parent) == (".keras", tmp_path)
        partial.touch()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_error_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), atomic_write(path) as partial:
        partial.write_text("ne")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_never_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_that_write_one_file_do_not_touch_each_other(tmp_path):
    path = tmp_path / "a.txt"
    with atomic_write(path) as first:
        first.write_text("first")
        with atomic_write(path) as second:
            assert second != first
            second.write_text("second")
        assert path.read_text() == "second"
        assert first.read_text() == "first"
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_in_utf_8(tmp_path):
    write_text(tmp_path / "a.txt", "32×32\n")
    assert (tmp_path / "a.txt").read_bytes() == "32×32\n".encode()


@pytest.mark.parametrize("length", [0, 3, (1 << 20) + 1])
def test_the_sha256_of_a_file_is_that_of_its_bytes(length, tmp_path):
    (tmp_path / "a").write_bytes(bytes(length))
    assert sha256_of(tmp_path / "a") == hashlib.sha256(bytes(length)).hexdigest()
