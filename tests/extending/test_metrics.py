"""Metrics that a user registers, from outside the package: by Python and by the commands."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

import runs
import small_features
import stylegan_tf as sg
import tiny
from command_line import refused
from image_files import several, write
from stylegan_tf.cli import main
from stylegan_tf.metrics import records
from stylegan_tf.metrics.registration import METRICS
from train_command import TINY, train

MODULE = "sharpness_metrics"
NAMES = ["mean_distance_small_12", "contrast_9", "w_length"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A dataset of 16×16, a network of features, and a generator, by name."""
    folder = tmp_path_factory.mktemp("files")
    write(folder / "source", several(24, width=16))
    tiny.generator().save(folder / "g.keras")
    return {
        "data": sg.datasets.create(folder / "source", folder / "data"),
        "features": small_features.save(folder / "small.keras"),
        "network": folder / "g.keras",
    }


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working directory and a cache of each test's own; the module is not imported yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLEGAN_TF_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    monkeypatch.setattr(METRICS, "_entries", dict(METRICS._entries))
    return tmp_path


def test_they_are_measured_by_python(files):
    importlib.import_module(MODULE)
    generator = sg.load(files["network"])
    results = sg.metrics.evaluate(
        generator, files["data"], NAMES, sources={"small": files["features"]}
    )
    means, contrast, length = results
    assert (means.images, means.reals, means.features) == (12, 12, "small")
    assert means.value > 0
    reals = np.stack([*files["data"].images(9)])
    assert contrast.numbers["real"] == pytest.approx(reals.std())
    assert contrast.value == contrast.numbers["fake"]
    assert (contrast.images, contrast.reals, contrast.features) == (9, 9, None)
    z = sg.latents.z_from_seeds(range(8), tiny.LATENT)
    lengths = np.linalg.norm(generator.mapping(z), axis=1)
    assert length.value == pytest.approx(lengths.mean(), rel=1e-5)
    assert (length.images, length.reals) == (8, None)


def test_the_evaluate_command_measures_them(files, place, capsys):
    options = ["--data", str(files["data"].path), "--features", f"small={files['features']}"]
    command = ["evaluate", str(files["network"]), "--plugin", MODULE]
    main([*command, *options, "--metrics", ",".join(NAMES)])
    rows = records.read(place / "metrics.jsonl")
    assert [row["metric"] for row in rows] == NAMES
    assert rows[1]["value"] == rows[1]["fake"]
    assert "contrast_9  fake " in capsys.readouterr().out


def test_the_train_command_measures_them_and_keeps_the_best(files, place, monkeypatch):
    runs.skip_steps(monkeypatch)
    options = ["--data", files["data"].path, "--plugin", MODULE]
    assert train(*options, "--metrics", "contrast_9,w_length", *TINY) == 0
    (run,) = (place / "runs").iterdir()
    rows = records.read(run / "metrics.jsonl")
    assert {row["metric"] for row in rows} == {"contrast_9", "w_length"}
    assert (run / "network-best.keras").exists()


def test_without_the_plugin_the_name_is_no_metric(files, capsys):
    line = refused(capsys, "evaluate", files["network"], "--metrics", "contrast_9")
    assert "'contrast_9' is no metric" in line
