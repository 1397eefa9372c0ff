"""`stylegan-tf video`."""

import importlib.util

import numpy as np
import pytest

import tiny
from command_line import refused
from stylegan_tf.cli import main

imageio = pytest.importorskip("imageio.v2", reason="needs the extra `video`")
pytest.importorskip("imageio_ffmpeg", reason="needs the extra `video`")


def read(path) -> tuple[np.ndarray, float]:
    """The frames of a file, and its frames per second."""
    with imageio.get_reader(path) as reader:
        return np.stack(list(reader.iter_data())), reader.get_meta_data()["fps"]


@pytest.mark.parametrize(
    ("kind", "count", "height", "width"),
    [("z", 12, 256, 256), ("w", 12, 256, 256), ("noise", 12, 256, 256), ("mixing", 8, 310, 1320)],
)
def test_a_video_of_each_kind(kind, count, height, width, network, tmp_path, capsys):
    path = tmp_path / "v.mp4"
    options = ["--kind", kind, "--seeds", "3-5", "--seconds", "0.5", "--fps", "8"]
    main(["video", str(network), *options, "--out", str(path)])
    result, fps = read(path)
    assert result.shape == (count, height, width, 3)
    assert fps == 8
    assert capsys.readouterr().out == f"{path}: {count} frames, {count / 8:.1f} s\n"
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--out", "v.avi"], "--out v.avi: the name must end in .mp4"),
        (["--seeds", "3", "--out", "v.mp4"], "a w video needs 2 or more, not 1"),
        (["--seeds", "a", "--out", "v.mp4"], "--seeds a:"),
        (["--class", "1", "--out", "v.mp4"], "has no labels"),
        (["--seconds", "0", "--out", "v.mp4"], "--seconds"),
        (["--fps", "0", "--out", "v.mp4"], "--fps"),
        (["--kind", "x", "--out", "v.mp4"], "--kind"),
        ([], "--out"),
    ],
)
def test_bad_options_are_refused(arguments, reason, network, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert reason in refused(capsys, "video", network, *arguments)
    assert not list(tmp_path.iterdir())


def test_progressive_gan_has_no_styles(tmp_path, capsys):
    tiny.generator(architecture="b").save(tmp_path / "g.keras")
    line = refused(capsys, "video", tmp_path / "g.keras", "--out", tmp_path / "v.mp4")
    assert "architecture B, which has no styles" in line


def test_missing_libraries_are_named(network, monkeypatch, capsys):
    known = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if "imageio" in name else known(name)
    )
    line = refused(capsys, "video", network, "--out", "v.mp4")
    assert "imageio, imageio-ffmpeg not installed here: pip install 'stylegan-tf[video]'" in line
