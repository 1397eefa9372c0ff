"""`tools/make_preset.py`: a run in, a preset and a table for its card out."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import runs
import stylegan_tf as sg
from stylegan_tf import json_lines, loading
from stylegan_tf.pretrained import catalog

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("make_preset", ROOT / "tools" / "make_preset.py")
make_preset = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(make_preset)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of which all is there but the learning."""
    return runs.finished(tmp_path_factory.mktemp("finished")).run.path


@pytest.fixture
def run(finished, tmp_path):
    """The run directory, to be changed."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def make(*arguments):
    """Runs the tool."""
    return CliRunner().invoke(make_preset.main, [*map(str, arguments)])


def test_a_run_becomes_a_preset(run, tmp_path, monkeypatch):
    row = {"metric": "fd_x_9", "value": 1.2345678, "kimg": 0.08}
    snapshot = loading.snapshot(run).name
    json_lines.append(run / "metrics.jsonl", {**row, "snapshot": snapshot, "resolution": 8})
    (tmp_path / "presets").mkdir()
    result = make(run, tmp_path / "presets" / "mine-8.npz", "--about", "Mine")
    assert result.exit_code == 0, result.output
    monkeypatch.setattr(catalog, "FOLDER", tmp_path / "presets")
    assert sg.presets() == {"mine-8": "Mine"}
    (preset,) = catalog.all_presets()
    assert (preset.facts.kimg, preset.licence) == (0.08, "Apache-2.0")
    ours, theirs = map(sg.Pipeline.from_pretrained, ("mine-8", run))
    for part in ("generator", "discriminator"):
        one, other = getattr(ours, part), getattr(theirs, part)
        assert one.grown_to == other.grown_to
        for weight, expected in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(weight.astype("e"), expected.astype("e"))
    table = [line.split("|") for line in result.output.splitlines() if line.startswith("|")]
    cells = {row[1].strip(): row[2].strip() for row in table}
    assert cells["images"] == "8×8×3"
    assert cells["real images shown"] == "0.08 thousand"
    assert cells["fd_x_9"] == "1.235"
    assert "`generator.fmap_max = 8`" in cells["settings"]


def test_networks_of_different_moments_are_refused(run, tmp_path):
    loading.snapshot(run).unlink()
    result = make(run, tmp_path / "n.npz", "--about", "x")
    assert result.exit_code == 1
    assert "is of 0.064 kimg, its newest checkpoint of 0.08" in str(result.output)
    assert not (tmp_path / "n.npz").exists()


def test_what_is_too_large_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(make_preset, "MAX_BYTES", 1000)
    result = make(run, tmp_path / "n.npz", "--about", "x")
    assert result.exit_code == 1
    assert "and 0.001 are allowed" in result.output
    assert not (tmp_path / "n.npz").exists()
