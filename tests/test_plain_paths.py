"""Paths for TensorFlow, which takes some characters for patterns."""

import pytest

from stylegan_tf.plain_paths import PATTERN, plain_path


def test_an_ordinary_path_stays(tmp_path):
    assert plain_path(tmp_path) == str(tmp_path)
    assert plain_path("runs/00000-x") == "runs/00000-x"


@pytest.mark.parametrize("name", ["faces [32px]", "all*", "who?", "a\\b"])
def test_a_path_that_looks_like_a_pattern_is_reached_by_another(name, tmp_path, monkeypatch):
    (tmp_path / name).mkdir()
    (tmp_path / name / "a").write_text("here")
    plain = plain_path(tmp_path / name)
    assert PATTERN.isdisjoint(plain)
    with open(f"{plain}/a") as file:
        assert file.read() == "here"
    monkeypatch.chdir(tmp_path)
    assert plain_path(name) == plain
