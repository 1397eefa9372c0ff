"""The arithmetic of an estimate, against runs."""

from types import SimpleNamespace

import pytest

import runs
from random_images import RandomImages
from stylegan_tf.training import estimate
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.start import Job


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """A run of which all is there but the learning, and its plan."""
    runs.skip_steps(monkeypatch)
    session = runs.session(tmp_path)
    session.train()
    return session


def test_files_are_counted_as_a_run_writes_them(finished, monkeypatch):
    path, plan = finished.run.path, finished.trainer.plan
    disk = estimate.estimate(Job(plan, RandomImages(8))).disk
    assert disk.snapshots == len(list(path.glob("network-*.keras")))
    assert disk.grids == len(list(path.glob("*.png")))
    assert disk.checkpoints == len(list(path.glob("checkpoints/*.index")))
    sizes = sum(one.stat().st_size for one in path.glob("checkpoints/*.data-*"))
    assert disk.checkpoint * disk.checkpoints == pytest.approx(sizes, rel=0.1)
    assert disk.grid == (path / "reals.png").stat().st_size


@pytest.mark.parametrize("ticks", [1, 2, 3, 7])
def test_ticks_are_counted_as_a_run_takes_them(ticks, tmp_path, monkeypatch):
    runs.skip_steps(monkeypatch)
    schedule = {"tick_kimg_base": 0.001 * ticks * 7, "tick_kimg": {8: 0.02}}
    session = runs.session(tmp_path, schedule=schedule)
    assert estimate._ticks(session.trainer.plan) == count_of(session)


def count_of(session) -> int:
    """The ticks of a run."""
    session.trainer.train()
    return int(session.trainer.networks.tick.numpy())


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [([], 2.0), ([1, 1], 2.0), ([1, 16], 2.0 + (6.0 - 2.0) / 16), ([4, 16], 2.0 + (6.0 - 2.0) / 4)],
)
def test_of_a_lazy_penalty_a_step_has_its_share(intervals, expected, monkeypatch):
    """Steps with all penalties take 6 s, others 2 s; the second step has no lazy one."""
    now = [0.0]
    monkeypatch.setattr(estimate.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(estimate, "batches", lambda *_: None)
    monkeypatch.setattr(estimate, "peak_memory_mb", lambda: 1.0)
    plan = Plan.make(runs.config(), RandomImages(8), 1)

    class Step:
        strategy = SimpleNamespace(num_replicas_in_sync=1)
        gan = SimpleNamespace(
            objective=SimpleNamespace(
                penalties=[SimpleNamespace(penalty=SimpleNamespace(interval=i)) for i in intervals]
            )
        )

        def __call__(self, resolution, source, shown, fade, beta):
            now[0] += 6.0 if shown == 0 else 2.0
            return {}

    stopwatch = estimate._Stopwatch(plan, plan.config, Step(), None)
    assert stopwatch._seconds(plan.schedule.at(0.0)) == expected
