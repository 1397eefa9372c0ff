"""The bars of a terminal."""

import io

import pytest
from rich.console import Console

import runs
from stylegan_tf.training.callbacks import default_callbacks
from stylegan_tf.training.callbacks.progress_bars import Clock, ProgressBars
from stylegan_tf.training.progress import Reporter, duration
from stylegan_tf.training.schedule import Schedule


def test_a_terminal_shows_the_stage_and_the_whole(tmp_path):
    session = runs.session(tmp_path)
    console = Console(file=io.StringIO(), force_terminal=True, width=200)
    reporter = Reporter(session.output.run_dir.log, console)
    bars = default_callbacks(session.trainer, session.output.run_dir, reporter)[-1]
    assert isinstance(bars, ProgressBars)
    bars.on_train_batch_begin(0)
    session.trainer.networks.count(40, {})
    bars.on_train_batch_end(0)
    stage, total = reporter.bars.tasks
    assert stage.description == "fade 8²"
    assert (stage.completed, stage.total) == pytest.approx((0.016, 0.032))
    assert (total.completed, total.total) == (0.04, 0.08)
    assert stage.fields["rate"].endswith(" s/kimg")


def test_without_a_terminal_there_are_none(tmp_path):
    assert not [one for one in runs.session(tmp_path).callbacks if isinstance(one, ProgressBars)]


def test_the_time_that_is_left_grows_with_the_resolution():
    """4×4 takes 2 s/kimg, so that 8×8 is guessed to take three times as much."""
    clock = Clock(Schedule(runs.config().schedule, 8))
    clock.add(4, images=1000, seconds=2.0)
    assert clock.remaining(0.0, 0.08) == pytest.approx(2 * 0.024 + 6 * (0.08 - 0.024))
    clock.add(8, images=1000, seconds=4.0)
    clock.add(8, images=1000, seconds=14.0)
    assert clock.remaining(0.024, 0.08) == pytest.approx(5 * (0.08 - 0.024))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(45, "45s"), (200, "3m 20s"), (7500, "2h 05m"), (273600, "3d 04h")],
)
def test_a_duration_in_words(seconds, text):
    assert duration(seconds) == text
