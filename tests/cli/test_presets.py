"""`stylegan-tf presets`, and presets in the place of SRC."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import tiny_preset
from command_line import refused
from image_files import several, write
from random_images import RandomImages
from stylegan_tf import datasets
from stylegan_tf.cli import main
from stylegan_tf.explorer import LocalSession
from stylegan_tf.metrics import evaluation, records
from stylegan_tf.metrics.records import Result
from stylegan_tf.pretrained import catalog
from train_command import train


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty working directory, and a single preset."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    tiny_preset.install(monkeypatch, tmp_path / "presets")


def test_presets_are_listed(capsys):
    main(["presets"])
    heading, line = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "images", "size", "licence", "what", "it", "is"]
    assert line.split()[:5] == ["tiny-8", "8×8×3", "0.0", "MB", "CC0-1.0"]
    assert line.endswith(tiny_preset.ABOUT)
    assert len(tiny_preset.ABOUT) + heading.index("what it is") == len(line)


def test_without_any_that_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(catalog, "FOLDER", tmp_path / "here")
    main(["presets"])
    assert capsys.readouterr().out == f"no presets in {tmp_path / 'here'}\n"


def test_listing_does_not_wait_for_tensorflow():
    code = (
        "import sys; from stylegan_tf.cli import main; main(['presets']); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_images_are_generated(tmp_path):
    main(["generate", "tiny-8", "--seeds", "4", "--outdir", "out"])
    with Image.open("out/seed0004.png") as image:
        assert image.size == (8, 8)


def test_a_misspelt_name_is_asked_about(capsys):
    line = refused(capsys, "generate", "tiny-9")
    assert line == ("stylegan-tf: 'tiny-9' does not exist and is no preset; did you mean 'tiny-8'?")


def test_a_preset_is_scored_and_explored(tmp_path, capsys):
    write(tmp_path / "images", several(2, width=8))
    main(["score", "tiny-8", str(tmp_path / "images")])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({row["logit"] for row in rows}) == 2
    assert LocalSession("tiny-8").facts.resolution == 8


def test_a_preset_is_measured_with_the_kimg_that_it_had(monkeypatch):
    monkeypatch.setattr(evaluation, "evaluate", lambda *_, **__: iter([Result("is_x_9", 2.0)]))
    main(["evaluate", "tiny-8", "--metrics", "is_x_9"])
    (row,) = records.read(Path("metrics.jsonl"))
    assert (row["snapshot"], row["kimg"], row["resolution"]) == ("tiny-8.npz", 12.5, 8)


def test_training_starts_from_a_preset(monkeypatch, capsys):
    monkeypatch.setattr(datasets, "open", lambda path: RandomImages(8))
    assert train("--init-from", "tiny-8", "--freeze-d", 1, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "start     from tiny-8; the first 1 block(s) of D are frozen" in out
    assert 'init_from = "tiny-8"' in out  # and so in config.json
    assert train("--init-from", "tiny-9", "--dry-run") == 2
    assert "--init-from: 'tiny-9' does not exist and is no pr" in capsys.readouterr().err
