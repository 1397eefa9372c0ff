"""`stylegan-tf estimate`: what it prints and refuses. But in one test, no step is taken."""

import re
from pathlib import Path

import pytest
import tensorflow as tf

from command_line import refused
from stylegan_tf import machine
from stylegan_tf.cli import main
from stylegan_tf.cli import train as train_command
from stylegan_tf.cli.estimate import command
from stylegan_tf.training import estimate
from stylegan_tf.training.step import TrainStep
from train_command import TINY

pytestmark = pytest.mark.usefixtures("place")


def lines(capsys, *arguments) -> list[str]:
    """What the command prints."""
    main(["estimate", *map(str, arguments)])
    return capsys.readouterr().out.splitlines()


@pytest.fixture
def one_second(monkeypatch):
    """A clock that goes on by a second whenever it is looked at: so long does a step take."""
    clock = iter(range(1000))
    monkeypatch.setattr(estimate.time, "perf_counter", lambda: next(clock))


def test_it_takes_the_options_of_train():
    ours = {option.name for option in command.params}
    theirs = {option.name for option in train_command.command.params}
    assert theirs - ours == {"resume", "allow_change", "dry_run"}
    assert ours <= theirs


def test_the_time_is_that_of_steps_times_the_images(place, one_second, capsys):
    """A second for a batch of 4 images is 250 s/kimg; 0.024 kimg take 6 s."""
    heading, *rows = lines(capsys, *TINY)
    assert heading.split() == ["stage", "kimg", "batch", "s/kimg", "time"]
    assert [re.split("  +", row) for row in rows[:3]] == [
        ["train 4×4", "0.024", "4", "250", "6s", "measured"],
        ["fade in 8×8", "0.032", "4", "250", "8s", "measured"],
        ["train 8×8", "0.024", "4", "250", "6s", "measured"],
    ]
    assert "time      20s" in rows
    assert any(row.startswith("memory    ") for row in rows)
    assert list(place.iterdir()) == []


def test_the_disk_is_told(one_second, capsys):
    """Five ticks, a snapshot every second and at the end."""
    (line,) = (line for line in lines(capsys, *TINY) if line.startswith("disk"))
    pattern = r"disk .*: 2 checkpoint\(s\) of .*, 3 network\(s\) of .*, 5 grids of .* free in runs"
    assert re.fullmatch(pattern, line)


def test_a_slow_step_is_taken_once_and_larger_images_are_extrapolated(
    one_second, monkeypatch, capsys
):
    monkeypatch.setattr(estimate, "SLOW", 0.5)
    rows = lines(capsys, *TINY)[1:4]
    assert [row.split()[-1] for row in rows] == ["measured", "extrapolated", "extrapolated"]
    costs = [float(re.split("  +", row)[3]) for row in rows]
    assert costs == [250, 1250, 1250]  # 16 and 16 + 64 pixels of 8 feature maps


def test_what_does_not_fit_is_a_line(one_second, monkeypatch, capsys):
    monkeypatch.setattr(machine, "memory", lambda: (10**9, 10**6))
    sizes = iter([100.0, 130.0, 130.0, 130.0])
    monkeypatch.setattr(estimate, "peak_memory_mb", lambda: next(sizes))
    rows = lines(capsys, *TINY)
    assert rows[1].endswith("measured")
    problem = "does not fit: batch 4 needs about 125.8 MB more, and 1.0 MB are free"
    assert [re.split("  +", row)[-1] for row in rows[2:4]] == [problem] * 2
    assert "time      6s, without 8×8" in rows


def test_a_gpu_that_is_full_is_a_line(monkeypatch, capsys):
    def full(self, resolution, *_):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM")

    monkeypatch.setattr(TrainStep, "__call__", full)
    rows = lines(capsys, *TINY)
    assert all(row.endswith("does not fit into memory with batch 4") for row in rows[1:4])
    assert "time      0s, without 4×4, 8×8" in rows


def test_bad_input_is_one_line(capsys):
    assert "--resolution is 12" in refused(capsys, "estimate", "--resolution", 12)
    assert "No such option" in refused(capsys, "estimate", "--resume", "latest")


@pytest.mark.slow
def test_real_steps_are_taken(place, monkeypatch, capsys):
    monkeypatch.undo()
    monkeypatch.chdir(place)
    rows = lines(capsys, *TINY, "--resolution", 8, "--cond")
    costs = [float(re.split("  +", row)[3]) for row in rows[1:4]]
    assert all(0 < cost < 1000 for cost in costs)
    assert Path.cwd() == place
    assert list(place.iterdir()) == []
