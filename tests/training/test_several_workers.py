"""Two processes that share a run do what one with two devices does, and end together."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from several_workers import ARGUMENTS, LIMIT, PROGRAM, started

NAME = "runs/00000-emoji-f-cond-8"
MEASURED = {"sec_per_kimg", "images_per_sec", "seconds", "peak_memory_mb"}  # never twice the same


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
    """Two workers, the second of which got SIGTERM after 40 of 64 pictures."""
    folder = tmp_path_factory.mktemp("stopped")
    chief = [folder / "stopped0.npz", *ARGUMENTS]
    other = [folder / "stopped1.npz", "stop=0.04", *ARGUMENTS]
    with started(folder, chief, other) as workers:
        codes = [worker.ends() for worker in workers]
        texts = [worker.text for worker in workers]
    return SimpleNamespace(folder=folder, codes=codes, texts=texts)


@pytest.fixture(scope="module")
def resumed(stopped):
    """The same run, gone on with to its end."""
    folder = stopped.folder
    commands = [[folder / f"{n}.npz", "--resume", folder / "0" / NAME] for n in range(2)]
    with started(folder, *commands) as workers:
        codes = [worker.ends() for worker in workers]
        texts = [worker.text for worker in workers]
    assert codes == [0, 0], texts
    return SimpleNamespace(folder=folder, texts=texts)


def weights(path) -> dict[str, np.ndarray]:
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def rows(run) -> list[dict]:
    """The lines of statistics, without what the clock says."""
    lines = (run / "stats.jsonl").read_text().splitlines()
    return [
        {key: value for key, value in json.loads(line).items() if key not in MEASURED}
        for line in lines
    ]


def test_a_signal_to_one_worker_stops_all_after_the_same_step(stopped):
    assert stopped.codes == [75, 75], stopped.texts
    shown = [int(weights(stopped.folder / f"stopped{n}.npz")["images"]) for n in range(2)]
    assert shown == [40, 40]
    assert f"go on with --resume {NAME}" in stopped.texts[0].splitlines()[-1]


def test_only_the_chief_leaves_anything(resumed):
    assert list((resumed.folder / "1").iterdir()) == []
    (run,) = (resumed.folder / "0/runs").iterdir()
    names = {path.name for path in run.iterdir()}
    assert {"config.json", "log.txt", "stats.jsonl", "reals.png", "checkpoints"} <= names
    assert {"fakes000000.png", "network-snapshot-000000.keras"} <= names
    assert any(name.startswith("events.out.tfevents") for name in names)


def test_the_others_say_only_who_they_are(resumed):
    chief, other = resumed.texts
    assert "this is worker 0, which writes and prints" in chief
    assert "this is worker 1, which computes, and writes nothing" in other
    assert "tick 3 " in chief
    assert not any(word in other for word in ("tick 3 ", "done", "saved"))


def test_weights_are_the_same_on_both_workers(stopped, resumed):
    for names in (("stopped0.npz", "stopped1.npz"), ("0.npz", "1.npz")):
        one, other = (weights(resumed.folder / name) for name in names)
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_two_workers_do_what_two_devices_do(mirrored, resumed):
    expected = weights(mirrored / "w.npz")
    found = weights(resumed.folder / "0.npz")
    assert expected.pop("images") == found.pop("images") == 64
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name][0], values[0], rtol=1e-4, atol=1e-5, err_msg=name)


def test_statistics_are_those_of_two_devices(mirrored, resumed):
    expected, found = (rows(folder / NAME) for folder in (mirrored, resumed.folder / "0"))
    assert [row["kimg"] for row in found] == [0.016, 0.032, 0.048, 0.064]
    for one, other in zip(expected, found, strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("victim", [0, 1])
def test_a_worker_that_is_killed_ends_the_other_with_a_line(tmp_path, victim):
    endless = [*ARGUMENTS, "--set=schedule.total_kimg=1000"]
    commands = [[tmp_path / f"{n}.npz", *endless] for n in range(2)]
    with started(tmp_path, *commands) as workers:
        workers[0].says("tick 1 ")
        workers[victim].kill()
        other = workers[1 - victim]
        assert other.ends() == 2
        last = other.text.splitlines()[-1]
    assert f"worker {victim} (localhost:" in last
    assert "is gone, so" in last
    assert ("--resume latest", f"--resume {NAME}")[victim] in last


def test_other_options_than_the_chief_are_refused_by_both(tmp_path):
    commands = [[tmp_path / f"{n}.npz", *ARGUMENTS, f"--gamma={n + 1}"] for n in range(2)]
    with started(tmp_path, *commands) as workers:
        assert [worker.ends() for worker in workers] == [2, 2]
        chief, other = (worker.text.splitlines()[-1] for worker in workers)
    assert "another worker was started with other options than the chief; start all" in chief
    assert "worker 1 was started with other options than the chief: loss.gamma; start all" in other
    assert not list(tmp_path.rglob("runs"))
