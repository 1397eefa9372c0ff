"""Two processes that share a run do what one with two devices does, and end together."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import small_features
from several_workers import ARGUMENTS, LIMIT, PROGRAM, started
from stylegan_tf.metrics import records

NAME = "runs/00000-emoji-f-cond-8"
MEASURED = {"sec_per_kimg", "images_per_sec", "seconds", "peak_memory_mb"}  # never twice the same
QUICK = ["--gamma=0"]  # half of the time to the first step goes into the penalty
METRICS = {"fd_small_16"}  # the other run does without


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    """The whole run in one process with two devices."""
    folder = tmp_path_factory.mktemp("mirrored")
    command = [sys.executable, PROGRAM, folder / "w.npz", "mirrored", *ARGUMENTS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """Two workers, the second of which got SIGTERM after 24 of 64 images."""
    folder = tmp_path_factory.mktemp("stopped")
    chief = [folder / "stopped0.npz", *ARGUMENTS]
    other = [folder / "stopped1.npz", "stop=0.024", *ARGUMENTS]
    with started(folder, chief, other) as workers:
        codes = [worker.ends() for worker in workers]
        texts = [worker.text for worker in workers]
    return SimpleNamespace(folder=folder, codes=codes, texts=texts)


@pytest.fixture(scope="module")
def broken_off(stopped):
    """The same run, gone on with, until the chief got SIGTERM at 48 images, while it measured."""
    return go_on(stopped, chief=["stop=0.048"])


@pytest.fixture(scope="module")
def resumed(broken_off):
    """The same run, gone on with to its end."""
    return go_on(broken_off)


def go_on(before, chief=()):
    """Two workers that go on with a run and measure it."""
    folder = before.folder
    features = small_features.save(folder / "small.keras")
    measured = ["--metrics=fd_small_16", f"--set=metrics.features.small={features}"]
    command = ["--resume", folder / "0" / NAME, *measured]
    with started(folder, [folder / "0.npz", *chief, *command], [folder / "1.npz", *command]) as two:
        codes = [worker.ends() for worker in two]
        texts = [worker.text for worker in two]
    return SimpleNamespace(folder=folder, codes=codes, texts=texts)


def weights(path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def rows(run) -> list[dict]:
    """The lines of statistics, without what the clock says."""
    lines = (run / "stats.jsonl").read_text().splitlines()
    return [
        {key: value for key, value in json.loads(line).items() if key not in MEASURED | METRICS}
        for line in lines
    ]


def test_a_signal_to_one_worker_stops_all_after_the_same_step(stopped):
    assert stopped.codes == [75, 75], stopped.texts
    shown = [int(weights(stopped.folder / f"stopped{n}.npz")["images"]) for n in range(2)]
    assert shown == [24, 24]
    assert f"resume with --resume {NAME}" in stopped.texts[0].splitlines()[-1]


def test_a_signal_while_the_chief_measures_stops_all(broken_off):
    assert broken_off.codes == [75, 75], broken_off.texts
    assert "measuring fd_small_16" in broken_off.texts[0].splitlines()[-2]


def test_the_chief_measures_while_the_other_waits(resumed):
    assert resumed.codes == [0, 0], resumed.texts
    result = records.read(resumed.folder / "0" / NAME / records.FILE)
    assert [row["kimg"] for row in result] == [0.032, 0.048, 0.064]
    assert all(np.isfinite(row["value"]) for row in result)


def test_only_the_chief_leaves_anything(resumed):
    assert list((resumed.folder / "1").iterdir()) == []
    (run,) = (resumed.folder / "0/runs").iterdir()
    names = {path.name for path in run.iterdir()}
    assert {"config.json", "log.txt", "stats.jsonl", "reals.png", "checkpoints"} <= names
    assert {"fakes000000.png", "network-snapshot-000000_064.keras"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)


def test_the_others_say_only_who_they_are(resumed):
    chief, other = resumed.texts
    assert "this is worker 0, which writes and prints" in chief
    assert "this is worker 1, which computes, and writes nothing" in other
    assert "tick 3 " in chief
    assert not any(word in other for word in ("tick 3 ", "done", "saved", "WARNING:tensorflow"))


def test_weights_are_the_same_on_both_workers(stopped, resumed):
    for names in (("stopped0.npz", "stopped1.npz"), ("0.npz", "1.npz")):
        one, other = (weights(resumed.folder / name) for name in names)
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_two_workers_do_what_two_devices_do(mirrored, resumed):
    expected = weights(mirrored / "w.npz")
    result = weights(resumed.folder / "0.npz")
    assert expected.pop("images") == result.pop("images") == 64
    assert expected.keys() == result.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(result[name][0], values[0], err_msg=name)


def test_statistics_are_those_of_two_devices(mirrored, resumed):
    expected, result = (rows(folder / NAME) for folder in (mirrored, resumed.folder / "0"))
    assert [row["kimg"] for row in result] == [0.016, 0.032, 0.048, 0.064]
    for one, other in zip(expected, result, strict=True):
        assert one == other


@pytest.mark.parametrize("victim", [0, 1])
def test_a_worker_that_is_killed_ends_the_other_with_a_line(tmp_path, victim):
    endless = [*ARGUMENTS, "--set=schedule.total_kimg=1000", *QUICK]
    commands = [[tmp_path / f"{n}.npz", *endless] for n in range(2)]
    with started(tmp_path, *commands) as workers:
        workers[0].says("tick 1 ")
        workers[victim].kill()
        other = workers[1 - victim]
        assert other.ends() == 2
        last = other.text.splitlines()[-1]
    assert f"worker {victim} (localhost:" in last
    assert f"is gone (its output says why), so worker {1 - victim} cannot go on" in last
    assert ("--resume latest", f"--resume {NAME}")[victim] in last


def test_other_options_than_the_chief_are_refused_by_both(tmp_path):
    commands = [[tmp_path / f"{n}.npz", *ARGUMENTS, f"--gamma={n + 1}"] for n in range(2)]
    with started(tmp_path, *commands) as workers:
        assert [worker.ends() for worker in workers] == [2, 2]
        chief, other = (worker.text.splitlines()[-1] for worker in workers)
    assert "another worker was started with other options than the chief; start all" in chief
    assert (
        "worker 1 was started with other options than the chief: loss.penalties; start all" in other
    )
    assert not list(tmp_path.rglob("runs"))


def test_one_worker_starts_from_the_networks_of_a_run(resumed, tmp_path):
    source = resumed.folder / "0" / NAME
    short = [f"--init-from={source}", "--set=schedule.total_kimg=0.008", *QUICK]
    with started(tmp_path, [tmp_path / "w.npz", *ARGUMENTS, *short]) as (worker,):
        assert worker.ends() == 0, worker.text
    assert f"start     from {source}" in worker.text
    assert int(weights(tmp_path / "w.npz")["images"]) == 8
