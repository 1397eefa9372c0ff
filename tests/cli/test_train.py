"""`stylegan-tf train`: what it prints, what it refuses, how it ends. Nothing is computed here."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import pytest
import runs
import tensorflow as tf
from memory import Pictures
from PIL import Image

from stylegan_tf import datasets
from stylegan_tf.cli import main
from stylegan_tf.training.gan import statistics
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.step import TrainStep

REPOSITORY = Path(__file__).parents[2]
TINY = [f"--set={key}={json.dumps(value)}" for key, value in runs.SETTINGS.items()]
TINY.append("--batch=4")  # in place of what the plan for this machine says


def train(*arguments) -> int:
    """The exit code of a command."""
    try:
        main(["train", *map(str, arguments)])
    except SystemExit as exit_:
        return exit_.code
    return 0


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An empty working directory, pictures in memory, and a step that does nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "open", lambda path: Pictures(8))
    zeros = {name: tf.constant(0.0) for name in statistics(runs.config().loss)}
    monkeypatch.setattr(TrainStep, "__call__", lambda *_: zeros)
    return tmp_path


@pytest.fixture
def stop_at(monkeypatch):
    """Sends SIGTERM once so many thousand pictures were shown."""

    def use(limit):
        advance = Reporter.advance

        def stop(self, kimg, *arguments):
            advance(self, kimg, *arguments)
            if kimg == limit:
                os.kill(os.getpid(), signal.SIGTERM)

        monkeypatch.setattr(Reporter, "advance", stop)

    return use


def refused(capsys, *arguments) -> str:
    """The one line of a command that ends with 2 and changes no file."""
    before = files()
    assert train(*arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert files() == before
    return line


def files() -> dict[Path, bytes]:
    """Every file below the working directory."""
    return {path: path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file()}


def test_a_dry_run_prints_the_stages_and_makes_nothing(place, capsys):
    assert train("--dry-run", *TINY) == 0
    out = capsys.readouterr().out.splitlines()
    stages = [line.split("  ")[0] for line in out if line.startswith(("train", "fade"))]
    assert stages == ["train 4×4", "fade in 8×8", "train 8×8"]
    assert list(place.iterdir()) == []


def test_train_py_is_the_command(place):
    command = [sys.executable, REPOSITORY / "train.py", "--dry-run", "--resolution", "16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "train 16×16" in done.stdout
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--resolution", 16], "--resolution is 16"),
        (["--resolution", 12], "power of two"),
        (["--cond"], "--cond needs labels"),
        (["--config", "g"], "--config g is neither a letter from a to f nor a file"),
        (["--batch", 6], "nearest that fit are 4 and 8"),
        (["--loss", "hing"], "hing"),
        (["--precision", "float64"], "float64"),
        (["--strategy", "parameter_server"], "parameter_server"),
        (["--kimg", "0"], "schedule.total_kimg is 0"),
        (["--kimg", "long"], "long"),
        (["--set", "loss.name=hing"], "loss.name"),
        (["--set", "precision=float64"], "precision"),
        (["--set", "strategy=tpu"], "strategy"),
        (["--set", "generator.config=z"], "config"),
        (["--set", "generator.fmap_mx=8"], "nearest is 'generator.fmap_max'"),
        (["--set", "generator.fmap_max"], "key=value"),
        (["--set", "output.snapshot_ticks=0"], "output.snapshot_ticks"),
        (["--set", "output.keep_checkpoints=0"], "output.keep_checkpoints"),
        (["--set", "output.grid_columns=0"], "output.grid_columns"),
        (["--set", "optimizer.generator=Adamm"], "no optimizer 'Adamm'"),
        (["--set", "generator.latent_size=0"], "latent_size"),
        (["--set", "generator.mapping_layers=-1"], "mapping_layers"),
        (["--set", "generator.mixing_probability=2"], "mixing_probability"),
        (["--resume", "latest"], "holds no runs"),
        (["--resume", "nowhere"], "no run directory"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing_behind(arguments, reason, capsys):
    assert reason in refused(capsys, *arguments)


def test_a_bad_configuration_file_is_named(place, capsys):
    (place / "config.json").write_text('{"seed": "x"}')
    line = refused(capsys, "--config", "config.json")
    assert "config.json: seed is 'x'; it must be int" in line


def test_a_run_ends_with_0_and_says_where_everything_is(place, capsys):
    assert train(*TINY) == 0
    out = capsys.readouterr().out
    (run,) = (place / "runs").iterdir()
    assert run.name == "00000-pictures-f-8"
    for path in (run, run / "fakes000000.png", run / "network-snapshot-000000.keras"):
        assert path.exists()
        assert str(path.relative_to(place)) in out


def test_the_file_of_a_run_repeats_its_configuration(place):
    assert train(*TINY, "--seed", 3, "--gamma", 2, "--mirror") == 0
    (first,) = (place / "runs").iterdir()
    assert train("--config", first / "config.json") == 0
    texts = {(run / "config.json").read_text() for run in (place / "runs").iterdir()}
    assert len(list((place / "runs").iterdir())) == 2
    assert len(texts) == 1
    stored = json.loads(texts.pop())
    assert (stored["seed"], stored["loss"]["gamma"], stored["data"]["mirror"]) == (3, 2.0, True)


def test_a_signal_ends_it_with_75_and_resume_goes_on(place, capsys, stop_at):
    stop_at(0.04)
    assert train(*TINY) == 75
    assert "--resume runs/00000-pictures-f-8" in capsys.readouterr().out
    assert train("--resume", "latest") == 0
    out = capsys.readouterr().out
    assert "resumed at 0.0 kimg" in out
    rows = (place / "runs/00000-pictures-f-8/stats.jsonl").read_text().splitlines()
    assert [json.loads(row)["kimg"] for row in rows] == [0.016, 0.032, 0.048, 0.064, 0.08]
    assert len(list((place / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    "change",
    [["--gamma", 3], ["--batch", 8], ["--config", "a"], ["--set", "generator.fmap_max=4"]],
)
def test_going_on_with_another_configuration_is_refused(capsys, stop_at, change):
    stop_at(0.04)
    assert train(*TINY) == 75
    capsys.readouterr()
    line = refused(capsys, "--resume", "latest", *change)
    assert "was started with" in line


def test_going_on_may_take_longer(place, stop_at):
    stop_at(0.04)
    assert train(*TINY) == 75
    assert train("--resume", "latest", "--kimg", "0.096") == 0
    rows = (place / "runs/00000-pictures-f-8/stats.jsonl").read_text().splitlines()
    assert json.loads(rows[-1])["kimg"] == 0.096


def full(*_, **__):
    """A disk with no room."""
    raise OSError(28, "No space left on device")


def exhausted(*_, **__):
    """What TensorFlow says of it."""
    raise tf.errors.ResourceExhaustedError(None, None, "x; No space left on device\n at y")


@pytest.mark.parametrize(
    ("owner", "method", "error"),
    [
        (keras.Model, "save", full),
        (Image.Image, "save", full),
        (tf.train.CheckpointManager, "save", exhausted),
    ],
    ids=["snapshot", "grid", "checkpoint"],
)
def test_a_full_disk_ends_it_with_one_line(place, capsys, monkeypatch, owner, method, error):
    monkeypatch.setattr(owner, method, error)
    assert train(*TINY) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "No space left on device" in line
    assert not [path for path in place.rglob(".*")]
