"""MP4 files, read back."""

import numpy as np
import pytest

from stylegan_tf.video import write

imageio = pytest.importorskip("imageio.v2", reason="needs the extra `video`")
pytest.importorskip("imageio_ffmpeg", reason="needs the extra `video`")


def shades(count: int, height=32, width=48) -> list[np.ndarray]:
    """Frames from black to white."""
    values = np.linspace(0, 255, count).astype(np.uint8)
    return [np.full([height, width, 3], value) for value in values]


def read(path) -> tuple[np.ndarray, float]:
    """The frames of a file, and its frames per second."""
    with imageio.get_reader(path) as reader:
        return np.stack(list(reader.iter_data())), reader.get_meta_data()["fps"]


def test_the_frames_come_back(tmp_path):
    write(shades(7), tmp_path / "new" / "a.mp4", fps=12)
    result, fps = read(tmp_path / "new" / "a.mp4")
    assert (result.shape, fps) == ((7, 32, 48, 3), 12)
    assert np.abs(result.astype(int) - np.stack(shades(7))).max() < 12  # the codec loses a little
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.mp4"]


def test_odd_sides_are_made_even_by_a_white_line(tmp_path):
    write([np.zeros([31, 47, 3], np.uint8)] * 3, tmp_path / "a.mp4", fps=10)
    result, _ = read(tmp_path / "a.mp4")
    assert result.shape == (3, 32, 48, 3)
    assert result[:, :28, :44].max() < 40
    assert result[:, -1].mean() > 128


def test_what_fails_midway_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def failing():
        yield from shades(3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(failing(), path, fps=10)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
