"""`--metrics`: what is measured while training, where it goes, and which snapshot is kept as best.

The metrics themselves are made up here: what counts is when they are measured.
"""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.summary.summary_iterator import summary_iterator

import runs
import small_features
import stylegan_tf as sg
from image_files import several, write
from stylegan_tf import json_lines
from stylegan_tf.cli import main
from stylegan_tf.metrics import records, weights
from stylegan_tf.metrics.records import Result
from stylegan_tf.training.callbacks import SnapshotEvaluation, snapshot_evaluation
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.step import TrainStep

VALUES = {0.032: 1.0, 0.048: 5.0, 0.064: 2.0, 0.08: 4.0}  # by kimg; at 4×4 up to 0.032
ZEROS = {name: tf.constant(0.0) for name in statistics(runs.config().loss)}


class MadeUp:
    """Stands in for `evaluate`: fd_x_9 as above, 1 - fd_x_9 / 10 as the precision of pr_x_9."""

    def __init__(self, values=None):
        self.values = values or VALUES
        self.calls = []  # (metrics, arguments), for each call
        self.measured = []  # (metric, resolution, fade) of each result
        self.stop_in = None  # (metric, kimg) in which training is stopped
        self.trainer = None

    def __call__(self, generator, dataset, names, **arguments):
        if "fid50k" in names:
            raise ValueError("the weights of inception are not here")
        self.calls.append((names, arguments))
        return self.results(generator, names, arguments["progress"])

    def results(self, generator, names, progress):
        for name in names:
            kimg = self.trainer.kimg
            with progress(f"images for {name}") as show:
                show(1, 9)
                if (name, kimg) == self.stop_in:
                    self.trainer.stop()
                show(9, 9)
            self.measured.append((name, *generator.grown_to))
            fd = self.values[kimg]
            precision = {"precision": 1 - fd / 10, "recall": fd / 10}
            numbers = precision if name.startswith("pr") else {}
            yield Result(name, numbers.get("precision", fd), numbers=numbers, images=9)


def step(self, *_):
    """Computes nothing, but changes the weights."""
    self.generator_ema.w_avg.assign_add(tf.ones_like(self.generator_ema.w_avg))
    return ZEROS


@pytest.fixture
def made_up(monkeypatch):
    """Made-up metrics, and training without computing."""
    fake = MadeUp()
    monkeypatch.setattr(snapshot_evaluation, "evaluate", fake)
    monkeypatch.setattr(TrainStep, "__call__", step)
    return fake


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run from beginning to end, and its metrics."""
    with pytest.MonkeyPatch.context() as patch:
        fake = MadeUp()
        patch.setattr(snapshot_evaluation, "evaluate", fake)
        patch.setattr(TrainStep, "__call__", step)
        session = measuring(tmp_path_factory.mktemp("whole"), fake)
        session.train()
    return session, fake


def measuring(folder, made_up, **metrics):
    """A run that measures."""
    session = runs.session(folder, metrics={"names": ["fd_x_9", "pr_x_9"], **metrics})
    made_up.trainer = session.trainer
    return session


def again(run_dir, made_up):
    """A run that is resumed at its last checkpoint."""
    session = runs.resumed(run_dir)
    made_up.trainer = session.trainer
    return session


def steps_of(path) -> float:
    """How many calls of the step a network has seen."""
    return sg.load(path).w_avg.numpy()[0]


def test_every_snapshot_is_measured_as_far_as_it_has_grown(whole):
    session, made_up = whole
    rows = records.read(session.output.run_dir.metrics)
    result = [(row["metric"], row["kimg"], row["resolution"], row["fade"]) for row in rows]
    states = [(0.032, 4, 1.0), (0.064, 8, 1.0), (0.08, 8, 1.0)]
    assert result == [(name, *state) for state in states for name in ("fd_x_9", "pr_x_9")]
    assert made_up.measured == [(name, size, fade) for name, _, size, fade in result]
    assert [row["value"] for row in rows[::2]] == [1.0, 2.0, 4.0]
    assert [row["snapshot"] for row in rows[::2]] == [
        f"network-snapshot-000000_{images}.keras" for images in ("032", "064", "080")
    ]


def test_measuring_every_so_many_ticks_takes_a_snapshot_of_each(tmp_path, made_up, monkeypatch):
    taken, snapshot = [], sg.Generator.save

    def recording(self, *arguments, **options):
        taken.append(self.grown_to)
        snapshot(self, *arguments, **options)

    monkeypatch.setattr(sg.Generator, "save", recording)
    session = measuring(tmp_path, made_up, every_ticks=3)
    session.train()
    assert [row["kimg"] for row in records.read(session.output.run_dir.metrics)[::2]] == [
        0.048,
        0.08,
    ]
    assert taken == [(4, 1.0), (8, 0.5), (8, 1.0), (8, 1.0)]  # at 0.032, 0.048, 0.064, 0.08
    assert made_up.measured[0] == ("fd_x_9", 8, 0.5)


def test_metrics_are_measured_as_the_run_is_configured(tmp_path, made_up):
    session = runs.session(
        tmp_path,
        data={"mirror": True},
        metrics={
            "names": ["ls_9", "fd_x_9"],
            "features": {"x": "x.keras", "unused": "y.keras"},
            "classifiers": "c.keras",
        },
    )
    ((names, arguments),) = made_up.calls  # the check of the beginning
    assert names == ["ls_9", "fd_x_9"]
    assert (arguments["sources"], arguments["classifiers"]) == ({"x": "x.keras"}, "c.keras")
    assert (arguments["mirror"], arguments["seed"], arguments["strategy"]) == (
        True,
        0,
        session.trainer.strategy,
    )


def test_without_metrics_nothing_is_measured(tmp_path, made_up):
    session = runs.session(tmp_path)
    session.train()
    assert made_up.calls == []
    assert not session.output.run_dir.metrics.exists()
    assert not session.output.run_dir.best.exists()


def test_what_cannot_be_measured_is_refused_before_training(tmp_path, made_up):
    with pytest.raises(ValueError, match="weights of inception are not here"):
        measuring(tmp_path, made_up, names=["fd_x_9", "fid50k"])


def test_the_numbers_are_in_the_statistics_of_their_tick(whole):
    session, _ = whole
    rows = session.run.stats
    assert [row.get("fd_x_9") for row in rows] == [None, 1.0, None, 2.0, 4.0]
    assert rows[1]["pr_x_9/recall"] == pytest.approx(0.1)
    assert [row["tick"] for row in rows] == [0, 1, 2, 3, 4]


def test_tensorboard_gets_the_numbers(whole):
    session, _ = whole
    (path,) = session.run.path.glob("events*")
    result = {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in summary_iterator(str(path))
        for value in event.summary.value
        if value.tag.startswith("metrics/")
    }
    assert {tag for tag, _ in result} == {
        f"metrics/{name}" for name in ("fd_x_9", "pr_x_9", "pr_x_9/precision", "pr_x_9/recall")
    }
    assert result["metrics/fd_x_9", 32] == 1.0
    assert result["metrics/pr_x_9/recall", 64] == pytest.approx(0.2)


def test_the_log_has_them(whole):
    session, _ = whole
    log = session.output.run_dir.log.read_text()
    assert log.count("measuring fd_x_9, pr_x_9\n") == 3
    assert "fd_x_9  4  (9 images, 0 s)\n" in log
    assert f"best so far at 8² by fd_x_9: 2; kept as {session.output.run_dir.best}\n" in log


def test_the_best_snapshot_is_kept(whole):
    """The numbers of 4×4 pixels are lower, but of other images."""
    session, _ = whole
    assert steps_of(session.output.run_dir.best) == 8
    assert steps_of(session.run.path) == 10  # the newest, not the best


@pytest.mark.parametrize(
    ("names", "values", "calls"),
    [
        (["pr_x_9", "fd_x_9"], {0.064: 2, 0.08: 4}, 8),  # the most precise
        (["fd_x_9"], {0.064: 2, 0.08: 2}, 8),  # the first of equals
        (["fd_x_9"], {0.064: float("nan"), 0.08: 5}, 10),
    ],
)
def test_the_best_is_best_by_the_first_metric(names, values, calls, tmp_path, made_up):
    made_up.values = {0.032: 1, **values}
    session = measuring(tmp_path, made_up, names=names)
    session.train()
    assert steps_of(session.output.run_dir.best) == calls


def test_what_images_are_too_small_for_waits(tmp_path, made_up):
    session = measuring(tmp_path, made_up, names=["ppl_wend_9", "fd_x_9"])
    session.train()
    log = session.output.run_dir.log.read_text()
    assert {row["metric"] for row in records.read(session.output.run_dir.metrics)} == {"fd_x_9"}
    assert "not measured yet: ppl_wend_9 needs images of 32×32 or more" in log
    assert not session.output.run_dir.best.exists()


def test_seconds_of_measuring_are_none_of_training(tmp_path, made_up, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now.__setitem__(0, now[0] + 1) or now[0])
    results = MadeUp.results

    def slow(*arguments):
        for result in results(*arguments):
            now[0] += 10_000
            yield result

    monkeypatch.setattr(MadeUp, "results", slow)
    session = measuring(tmp_path, made_up)
    session.train()
    assert all(row["sec_per_kimg"] < 1000 for row in session.run.stats)


@pytest.fixture
def stopped(tmp_path, made_up):
    """The directory of a run that was stopped in the second metric of 0.064 kimg."""
    session = measuring(tmp_path, made_up)
    made_up.stop_in = ("pr_x_9", 0.064)
    assert not session.train()
    made_up.stop_in = None
    made_up.calls.clear()
    return session.output.run_dir


def test_a_stop_breaks_off_a_measurement_and_what_is_done_stays(stopped):
    result = [(row["metric"], row["kimg"]) for row in records.read(stopped.metrics)]
    assert result == [("fd_x_9", 0.032), ("pr_x_9", 0.032), ("fd_x_9", 0.064)]
    assert stopped.rows()[-1]["fd_x_9"] == 2.0


def test_resuming_measures_the_rest_first(stopped, made_up):
    session = again(stopped, made_up)
    session.train()
    names = [names for names, _ in made_up.calls]
    check, rest, last = [["fd_x_9", "pr_x_9"], ["pr_x_9"], ["fd_x_9", "pr_x_9"]]
    assert names == [check, rest, last]
    assert made_up.measured[-3] == ("pr_x_9", 8, 1.0)
    rows = records.read(stopped.metrics)
    kimgs = [0.032, 0.032, 0.064, 0.064, 0.08, 0.08]
    assert [row["kimg"] for row in rows] == kimgs
    assert "pr_x_9" in stopped.rows()[3]
    assert steps_of(stopped.best) == 8


def test_resuming_can_be_stopped_before_the_first_step(stopped, made_up):
    made_up.stop_in = ("pr_x_9", 0.064)
    session = again(stopped, made_up)
    assert not session.train()
    assert session.trainer.kimg == 0.064
    assert len(records.read(stopped.metrics)) == 3


def test_a_finished_run_measures_nothing_again(whole, made_up):
    run_dir = whole[0].output.run_dir
    before = run_dir.metrics.read_bytes()
    again(run_dir, made_up).train()
    assert run_dir.metrics.read_bytes() == before


def test_resuming_makes_a_snapshot_that_was_not_written(stopped, made_up):
    for path in stopped.path.glob("network-*"):
        path.unlink()
    again(stopped, made_up).train()
    assert steps_of(stopped.best) == 8


def test_resuming_from_earlier_drops_what_came_later(stopped, made_up):
    """As where the newest checkpoint is lost; the best is then that of what is left."""
    measured = records.read(stopped.metrics)[0]
    json_lines.append(stopped.metrics, {**measured, "kimg": 0.07, "value": 0.5})
    json_lines.append(stopped.metrics, {**measured, "kimg": None, "value": 0.5, "seed": 7})
    stopped.best.write_bytes(b"of 0.07 kimg")
    evaluation = runs.callback(again(stopped, made_up), SnapshotEvaluation)
    evaluation.rewind()
    assert [row["kimg"] for row in records.read(stopped.metrics)] == [0.032, 0.032, 0.064, None]
    assert steps_of(stopped.best) == 8
    for path in stopped.path.glob("network-snapshot*"):
        path.unlink()
    json_lines.append(stopped.metrics, {**measured, "kimg": 0.07})
    evaluation.rewind()
    assert not stopped.best.exists()


def test_what_was_measured_otherwise_says_nothing_about_the_best(tmp_path, made_up):
    session = measuring(tmp_path, made_up)
    other = {"metric": "fd_x_9", "value": 0.1, "kimg": 0.0, "data": "other", "mirror": False}
    json_lines.append(session.output.run_dir.metrics, {**other, "seed": 0})
    json_lines.append(session.output.run_dir.metrics, {**other, "data": "images", "seed": 1})
    session.train()
    assert steps_of(session.output.run_dir.best) == 8


def test_a_terminal_shows_how_far_it_is(whole):
    session, _ = whole
    bars = session.output.reporter.bars
    with session.output.reporter.progress("drawing") as show:
        show(30, 60)
        assert (bars.tasks[-1].description, bars.tasks[-1].percentage) == ("drawing", 50)
        assert bars.tasks[-1].fields["amount"] == "30/60"
    assert len(bars.tasks) == 0


def test_the_average_is_what_is_measured(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(
        snapshot_evaluation, "evaluate", lambda generator, *_, **__: given.append(generator)
    )
    session = runs.session(tmp_path, metrics={"names": ["fd_x_9"]})
    assert given == [session.trainer.networks.generator_ema]


@pytest.mark.slow
def test_real_metrics_of_a_run(tmp_path, monkeypatch):
    """From the first tick to the command afterwards, which finds the same numbers."""
    monkeypatch.setenv(weights.CACHE, str(tmp_path / "cache"))
    write(tmp_path / "source", several(24, width=8))
    dataset = sg.datasets.open(sg.datasets.create(tmp_path / "source", tmp_path / "noise").path)
    features = {"small": str(small_features.save(tmp_path / "small.keras"))}
    metrics = {"names": ["fd_small_20", "kd_small_20"], "features": features}
    data = {"path": str(dataset.path), "resolution": 8, "mirror": True}
    session = runs.session(tmp_path / "runs", dataset, metrics=metrics, data=data)
    session.train()
    rows = records.read(session.output.run_dir.metrics)
    kimgs = [0.032, 0.032, 0.064, 0.064, 0.08, 0.08]
    assert [row["kimg"] for row in rows] == kimgs
    assert all(np.isfinite(row["value"]) for row in rows)
    traced = [
        one.experimental_get_tracing_count() for one in session.trainer.step.compiled.values()
    ]
    assert traced == [1, 1]
    named = f"--features=small={features['small']}"
    main(["evaluate", str(session.run.path), named, "--metrics=fd_small_20,kd_small_20"])
    again = records.read(session.output.run_dir.metrics)[6:]
    for before, after in zip(rows[4:], again, strict=True):
        assert after["value"] == pytest.approx(before["value"], rel=1e-4)
        same = ("metric", "resolution", "fade", "data", "mirror", "seed", "snapshot")
        assert [before[key] for key in same] == [after[key] for key in same]
