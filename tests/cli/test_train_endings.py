"""`stylegan-tf train`: how it ends, and going on. Nothing is computed here."""

import json

import keras
import pytest
import tensorflow as tf
from PIL import Image

from stylegan_tf.metrics import records
from stylegan_tf.metrics.records import Result
from stylegan_tf.training.callbacks import snapshot_evaluation
from train_command import TINY, refused, train

pytestmark = pytest.mark.usefixtures("place")


def test_a_signal_ends_it_with_75_and_resume_goes_on(place, capsys, stop_at):
    stop_at(0.04)
    assert train(*TINY) == 75
    assert "--resume runs/00000-images-f-8" in capsys.readouterr().out
    assert train("--resume", "latest") == 0
    out = capsys.readouterr().out
    assert "resumed at 0.04 kimg" in out
    rows = (place / "runs/00000-images-f-8/stats.jsonl").read_text().splitlines()
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
    rows = (place / "runs/00000-images-f-8/stats.jsonl").read_text().splitlines()
    assert json.loads(rows[-1])["kimg"] == 0.096


def test_going_on_may_measure(place, stop_at, monkeypatch):
    stop_at(0.04)
    assert train(*TINY) == 75
    results = iter([[], [Result("fd_a_9", 3.0)], [Result("fd_a_9", 2.0)]])
    monkeypatch.setattr(snapshot_evaluation, "evaluate", lambda *_, **__: next(results))
    assert train("--resume", "latest", "--metrics", "fd_a_9") == 0
    (rows,) = map(records.read, place.glob("runs/*/metrics.jsonl"))
    assert [(row["kimg"], row["value"]) for row in rows] == [(0.064, 3.0), (0.08, 2.0)]


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
    assert not list(place.rglob(".*"))
