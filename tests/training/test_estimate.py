"""The arithmetic of an estimate, against runs."""

import math
from types import SimpleNamespace

import pytest
import tensorflow as tf

import runs
from random_images import RandomImages
from stylegan_tf import checkpoints
from stylegan_tf.training import estimate
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.start import Job


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of which all is there but the learning."""
    return runs.finished(tmp_path_factory.mktemp("finished"))


def test_files_are_counted_as_a_run_writes_them(finished, monkeypatch):
    runs.skip_steps(monkeypatch)
    path, plan = finished.run.path, finished.trainer.plan
    disk = estimate.estimate(Job(plan, RandomImages(8))).disk
    assert disk.snapshots == len(list(path.glob("network-*.keras")))
    assert disk.grids == len(list(path.glob("*.png")))
    assert disk.checkpoints == len(list(path.glob("checkpoints/*.index")))
    shapes = tf.train.list_variables(checkpoints.readable(checkpoints.newest(path)))
    numbers = sum(math.prod(shape) for _, shape in shapes)  # nearly all are float32
    assert disk.checkpoint == pytest.approx(4 * numbers, rel=0.01)
    assert disk.grid == (path / "reals.png").stat().st_size


def test_ticks_are_counted_as_the_schedule_has_them(finished):
    """Of 0.016 kimg, up to 0.08."""
    plan = finished.trainer.plan
    assert estimate._ticks(plan) == len(finished.run.stats) == 5
    longer = runs.config(schedule={"tick_kimg": {4: 0.001, 8: 0.02}})
    # A call has 8 images: three ticks up to 0.024 kimg, then 24 images each and the rest.
    assert estimate._ticks(Plan.make(longer, RandomImages(8), 1)) == 3 + 3


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [([], 2.0), ([16], 2.0 + (6.0 - 2.0) / 16), ([4, 16], 2.0 + (6.0 - 2.0) / 4)],
)
def test_of_a_lazy_penalty_a_step_has_its_share(intervals, expected, monkeypatch):
    """Steps with all penalties take 6 s, others 2 s; the second step has no lazy one."""
    now = [0.0]
    monkeypatch.setattr(estimate.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(estimate, "batches", lambda *_: None)
    plan = Plan.make(runs.config(), RandomImages(8), 1)

    class Step:
        strategy = SimpleNamespace(num_replicas_in_sync=1)
        gan = SimpleNamespace(
            objective=SimpleNamespace(
                lazy_intervals=lambda network: intervals if network == "d" else []
            )
        )

        def __call__(self, resolution, source, shown, fade, beta):
            now[0] += 6.0 if shown == 0 else 2.0
            return {}

    stopwatch = estimate._Stopwatch(plan, plan.config, Step(), None, 0.0)
    assert stopwatch._seconds(plan.schedule.at(0.0)) == expected
