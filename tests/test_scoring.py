"""The logits of images."""

import json

import numpy as np
import pytest
from PIL import Image

from command_line import refused
from stylegan_tf.cli import main
from stylegan_tf.models import Discriminator
from stylegan_tf.pipeline import Pipeline
from stylegan_tf.scoring import score


def make_discriminator(**changes):
    return Discriminator(resolution=8, fmap_base=16, fmap_max=4, mbstd_group_size=2, **changes)


@pytest.fixture
def folder(tmp_path):
    """Two images of the discriminator's size."""
    pixels = np.random.default_rng(0).integers(0, 256, [2, 8, 8, 3], np.uint8)
    (tmp_path / "images").mkdir()
    for name, image in zip("ab", pixels, strict=True):
        Image.fromarray(image).save(tmp_path / "images" / f"{name}.png")
    return tmp_path / "images", pixels


def test_each_image_is_scored_by_itself(folder):
    path, pixels = folder
    network = make_discriminator()
    expected = [float(network(image[None] / np.float32(127.5) - 1)[0, 0]) for image in pixels]
    result = dict(score(network, path))
    assert list(result) == ["a.png", "b.png"]
    np.testing.assert_allclose(list(result.values()), expected, rtol=1e-4, atol=1e-5)


def test_labels_are_those_beside_the_images(folder):
    path, pixels = folder
    network = make_discriminator(label_size=2)
    (path / "dataset.json").write_text(json.dumps({"labels": [["a.png", 1], ["b.png", 0]]}))
    result = dict(score(network, path))
    for name, image, label in zip(("a.png", "b.png"), pixels, (1, 0), strict=True):
        logit = network(image[None] / np.float32(127.5) - 1, np.eye(2, dtype="f")[[label]])
        np.testing.assert_allclose(result[name], float(logit[0, 0]), rtol=1e-4, atol=1e-5)


def test_labels_that_are_missing_are_named(folder):
    with pytest.raises(ValueError, match=r"labels of 2 numbers.*dataset\.json.*there is none"):
        list(score(make_discriminator(label_size=2), folder[0]))


def test_the_command_prints_a_line_an_image(folder, network_file, capsys, monkeypatch):
    monkeypatch.setattr(Pipeline, "discriminator", make_discriminator())
    main(["score", str(network_file), str(folder[0])])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["image"] for row in rows] == ["a.png", "b.png"]
    assert all(isinstance(row["logit"], float) for row in rows)


def test_a_source_without_a_discriminator_is_refused(folder, network_file, capsys):
    line = refused(capsys, "score", network_file, folder[0])
    assert "holds no discriminator; give a run directory" in line


@pytest.fixture
def network_file(tmp_path):
    """A generator alone."""
    import tiny

    tiny.generator().save(tmp_path / "g.keras")
    return tmp_path / "g.keras"
