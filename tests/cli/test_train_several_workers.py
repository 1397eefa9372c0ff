"""`stylegan-tf train --strategy multi_worker`: what it says and refuses before anything begins."""

import pytest

from several_workers import config
from train_command import TINY, refused, train

pytestmark = pytest.mark.usefixtures("place")
HOSTS = ["a:2222", "b:2222"]
COMMAND = [*TINY, "--strategy", "multi_worker"]


def test_a_dry_run_says_who_is_who_and_counts_all_replicas(place, capsys, monkeypatch):
    monkeypatch.setattr("stylegan_tf.training.strategies.gpus", lambda: 4)
    monkeypatch.setenv("TF_CONFIG", config(HOSTS, 1))
    assert train(*COMMAND, "--set=schedule.batch_base=32", "--dry-run") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "machine   4 GPU(s), 8 replica(s), float32" in lines
    who = "this is worker 1, which computes, and writes nothing"
    assert f"workers   a:2222, b:2222; {who}" in lines
    assert list(place.iterdir()) == []


def test_without_the_variable_it_says_what_to_set(capsys, monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    line = refused(capsys, *COMMAND)
    assert "--strategy multi_worker: TF_CONFIG is not set; it must look like" in line


def test_a_batch_that_the_workers_cannot_share_is_refused(capsys, monkeypatch):
    monkeypatch.setattr("stylegan_tf.training.strategies.gpus", lambda: 0)
    monkeypatch.setenv("TF_CONFIG", config(HOSTS, 0))
    line = refused(capsys, *COMMAND, "--set=schedule.batch_base=5")
    assert "schedule.batch_base is 5, which does not fit 2 replica(s)" in line


def test_a_worker_that_does_not_see_the_run_says_what_it_needs(capsys, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config(HOSTS, 1))
    line = refused(capsys, "--resume", "nowhere")
    assert "nowhere is no run directory" in line
    assert line.endswith("all workers must see the same run directory")
    assert line.count("--resume") == 1


def test_metrics_are_not_measured_by_several_workers(capsys):
    from stylegan_tf.cli import main

    with pytest.raises(SystemExit) as caught:
        main(["evaluate", "x", "--strategy", "multi_worker"])
    assert caught.value.code == 2
    assert "'multi_worker' is not one of 'one_device', 'mirrored'" in capsys.readouterr().err
