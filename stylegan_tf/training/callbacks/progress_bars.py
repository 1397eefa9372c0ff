"""Two bars on a terminal, the stage's and the run's, with the time that is left."""

import time
from typing import Any

import keras

from stylegan_tf.training.progress import Reporter, duration
from stylegan_tf.training.schedule import Schedule
from stylegan_tf.training.trainer import Trainer


class ProgressBars(keras.callbacks.Callback):
    """Moves the bars after each call of the step.

    Args:
        trainer: whose progress it is.
        reporter: holds the bars.
    """

    def __init__(self, trainer: Trainer, reporter: Reporter):
        super().__init__()
        self.trainer = trainer
        self.schedule = trainer.schedule
        self.bars = reporter.bars
        self.clock = Clock(trainer.schedule)
        empty: dict[str, Any] = {"amount": "", "rate": "", "eta": "--", "total": 1}
        self.stage_bar = self.bars.add_task("", **empty)
        self.total_bar = self.bars.add_task("total", **empty)
        self._before = (0.0, 0.0)  # time and kimg

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the watch."""
        self._before = (time.perf_counter(), self.trainer.kimg)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Shows how far training is."""
        started, before = self._before
        seconds, kimg = time.perf_counter() - started, self.trainer.kimg
        self._advance(kimg, round((kimg - before) * 1000), seconds)

    def _advance(self, kimg: float, images: int, seconds: float) -> None:
        self.clock.add(self.trainer.schedule_state.resolution, images, seconds)
        stage = self.schedule.stage(kimg)
        self.bars.update(
            self.stage_bar,
            description=f"{'fade' if stage.fading else 'train'} {stage.resolution}²",
            total=stage.end_kimg - stage.start_kimg,
            completed=kimg - stage.start_kimg,
            amount=f"{kimg - stage.start_kimg:.1f}/{stage.end_kimg - stage.start_kimg:g} kimg",
            rate=f"{images / seconds:.0f} img/s {1000 * seconds / images:.2f} s/kimg",
            eta=duration(self.clock.remaining(kimg, stage.end_kimg)),
        )
        total = self.schedule.config.total_kimg
        eta = duration(self.clock.remaining(kimg, total))
        amount = f"{kimg:.1f}/{total:g} kimg"
        self.bars.update(self.total_bar, total=total, completed=kimg, amount=amount, eta=eta)


class Clock:
    """Seconds per kimg by resolution, and the time that is left by them.

    Args:
        schedule: the run's `Schedule`.
    """

    # An unseen resolution is taken to cost so many times the one below it.
    GROWTH = 3.0

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        self.seconds_per_kimg: dict[int, float] = {}

    def add(self, resolution: int, images: int, seconds: float) -> None:
        """Adds a measurement to a running mean, since machines are shared."""
        now = 1000 * seconds / images
        before = self.seconds_per_kimg.get(resolution, now)
        self.seconds_per_kimg[resolution] = 0.9 * before + 0.1 * now

    def cost(self, resolution: int) -> float:
        """Returns seconds per kimg, measured or guessed from the highest measured resolution."""
        if resolution in self.seconds_per_kimg or not self.seconds_per_kimg:
            return self.seconds_per_kimg.get(resolution, 0.0)
        known = max(self.seconds_per_kimg)
        steps = (resolution // known).bit_length() - 1
        return self.seconds_per_kimg[known] * self.GROWTH**steps

    def remaining(self, kimg: float, until: float) -> float:
        """Returns the seconds from one image count to another."""
        seconds = 0.0
        for stage in self.schedule.stages():
            share = min(until, stage.end_kimg) - max(kimg, stage.start_kimg)
            seconds += max(share, 0.0) * self.cost(stage.resolution)
        return seconds
