"""A data source from outside, in Python and at the command line."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import stylegan_tf as sg
from command_line import refused
from image_files import contents, examples, pixels
from stylegan_tf.cli import main

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)
CLASSES = np.array([2, 0, 1, 1, 0])


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A file of the new kind, and the module that reads it on Python's path."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    np.savez(tmp_path / "archive.npz", images=IMAGES, classes=CLASSES)
    return tmp_path / "archive.npz"


def test_python_reads_images_and_labels(archive, tmp_path):
    importlib.import_module("npz_source")
    dataset = sg.datasets.create(archive, tmp_path / "made")
    assert (dataset.num_images, dataset.resolution, dataset.label_size) == (5, 8, 3)
    for name, data, label in examples(tmp_path / "made"):
        index = int(name.removesuffix(".png"))
        np.testing.assert_array_equal(pixels(data), IMAGES[index])
        assert label == np.eye(3)[CLASSES[index]].tolist()


def test_the_command_reads_the_same(archive, tmp_path, capsys):
    arguments = ["dataset", "create", str(archive), str(tmp_path / "a")]
    main([*arguments, "--plugin", "npz_source"])
    assert capsys.readouterr().out == f"{tmp_path}/a: 5 images, 8×8 RGB\n"
    sg.datasets.create(archive, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_module_that_is_not_there_is_one_line(archive, tmp_path, capsys):
    arguments = ["dataset", "create", archive, tmp_path / "a", "--plugin", "nowhere_at_all"]
    assert "nowhere_at_all" in refused(capsys, *arguments)
