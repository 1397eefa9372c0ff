"""The training loop."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf
from rich.console import Console

from stylegan_tf.datasets import reading
from stylegan_tf.training.input_pipeline import batches
from stylegan_tf.training.networks import Networks, restore
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.run_log import RunLogger
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.snapshot_evaluation import SnapshotEvaluation
from stylegan_tf.training.step import TrainStep
from stylegan_tf.training.workers import Workers

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interrupted(Exception):
    """A signal ended the run; its state is saved."""


class Trainer:
    """Trains networks on a dataset into a run directory.

    Of several workers only the chief writes; the others wait where it does.

    Args:
        plan: the checked plan.
        dataset: what `stylegan_tf.datasets.open` gives.
        run: the run directory; None where another worker writes, and nothing is to be read.
        workers: `Workers` of the strategy that it trains on.
    """

    def __init__(self, plan: Plan, dataset, run: RunDir | None, workers: Workers):
        self.config = config = plan.config
        self.schedule = plan.schedule
        self.dataset = dataset
        self.run = run
        self.workers = workers
        self.strategy = strategy = workers.strategy
        keras.utils.set_random_seed(config.seed)
        label_size = dataset.label_size if config.data.cond else 0
        with strategy.scope():
            names = statistics(config.loss)
            self.networks = networks = Networks(config, dataset.channels, label_size, names)
            self.step = TrainStep.of(strategy, networks, config)
        self.checkpoint = networks.checkpoint()
        self.stopping = False
        if not self.workers.chief:
            self.reporter = Reporter(self.schedule, Path(os.devnull), Console(quiet=True))
            return
        self.checkpoints = tf.train.CheckpointManager(
            self.checkpoint, str(run.checkpoints), config.output.keep_checkpoints
        )
        self.reporter = Reporter(self.schedule, run.log)
        self.recorder = RunLogger(self.networks, dataset, config, run, self.reporter)
        alone = None if self.workers.cluster else strategy
        self.measuring = SnapshotEvaluation(plan, self.recorder, alone, self._progress)

    @property
    def kimg(self) -> float:
        """Real images shown so far, in thousands."""
        return self.networks.kimg

    @property
    def over(self) -> bool:
        """Whether the end of the schedule is reached."""
        return self.kimg >= self.config.schedule.total_kimg

    def resume(self) -> None:
        """Goes back to the newest checkpoint of the run directory.

        Raises:
            ValueError: if there is none, it does not fit the networks, or another worker finds
                another one.
        """
        path = tf.train.latest_checkpoint(str(self.run.checkpoints))
        if path is None:
            raise ValueError(f"{self.run.path} holds no checkpoint yet; start a new run")
        try:
            restore(self.checkpoint, path)
        except ValueError as error:
            raise ValueError(f"{path} does not fit this configuration: {error}") from error
        self.workers.refuse_difference(
            "finds another checkpoint than the chief",
            {str(self.run.checkpoints): int(self.networks.images.numpy())},
            "all must see the same files",
        )
        if not self.workers.chief:
            return
        self.run.rewind(int(self.networks.tick.numpy()))
        self.measuring.rewind()
        self.reporter.line(f"resumed at {self.kimg:.1f} kimg from {path}")

    def save(self) -> None:
        """Writes a checkpoint.

        Raises:
            OSError: if it cannot be written; the one before is as it was.
        """
        try:
            self.checkpoints.save()
        except tf.errors.OpError as error:
            reason = error.message.splitlines()[0]
            raise OSError(f"{self.run.checkpoints} cannot be written to: {reason}") from error

    def train(self) -> None:
        """Trains to the end of the schedule.

        Raises:
            Interrupted: after SIGTERM or SIGINT, once the state is saved.
        """
        before = {number: signal.signal(number, self._stop) for number in SIGNALS}
        try:
            with self.reporter:
                self._loop()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number, _) -> None:
        if self.stopping:  # asked twice: at once
            raise KeyboardInterrupt
        self.stopping = True

    @contextmanager
    def _progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Shows how far a measurement is; a signal ends it, since the state is saved before."""
        with self.reporter.progress(what) as show:

            def update(done: int, total: int) -> None:
                show(done, total)
                if self.stopping:
                    raise Interrupted

            yield update

    def _loop(self) -> None:
        self._alone(self._begin)
        iterator, resolution, seconds = None, None, 0.0
        while not self.over:
            look = self._look()
            if look.resolution != resolution:
                shown, resolution = int(self.networks.images.numpy()), look.resolution
                iterator = batches(self.dataset, self.config, look, shown, self.strategy)
            seconds += self._take_pairs(look, iterator)
            if self._tick_is_over(look):
                self._end_tick(look, seconds)
                seconds = 0.0
            if self.workers.any(self.stopping):
                self._alone(self.save)
                raise Interrupted

    def _alone(self, work: Callable, *arguments) -> None:
        """Lets the chief work while the others wait; a signal that ends the work ends it for all.

        They must not wait in a step: the chief takes none if it is to stop.
        """
        broken_off = False
        if self.workers.chief:
            try:
                work(*arguments)
            except Interrupted:
                broken_off = True
        if self.workers.any(broken_off):
            raise Interrupted

    def _begin(self) -> None:
        """Grids of a new run, or what was broken off when a run was stopped while measuring."""
        networks = self.networks
        shown, tick_start = int(networks.images.numpy()), int(networks.tick_start.numpy())
        if shown == 0:
            self.recorder.reals()
            self.recorder.fakes(self.schedule.at(0.0))
        elif shown == tick_start and self.measuring.due(self.over):
            look = self.schedule.at(int(networks.last_look.numpy()) / 1000)
            if not self.run.snapshot(self.kimg).exists():
                self.recorder.snapshot(look)
            self.measuring.measure(look)

    def _look(self) -> ScheduleState:
        """Asks the schedule what to do now, and does what is due where a fade starts or ends."""
        networks = self.networks
        before = self.schedule.at(int(networks.last_look.numpy()) / 1000)
        look = self.schedule.at(self.kimg)
        borders = [(one.resolution, one.fade < 1) for one in (before, look)]
        if borders[0] != borders[1] and self.config.schedule.reset_optimizers:
            networks.reset_optimizers(self.config)
        networks.last_look.assign(networks.images)
        networks.set_learning_rate(look.learning_rate)
        return look

    def _take_pairs(self, look: ScheduleState, iterator) -> float:
        """One call of the compiled step; returns the seconds that it took."""
        networks, schedule = self.networks, self.config.schedule
        started = time.perf_counter()
        beta = 0.5 ** (look.batch / (schedule.ema_kimg * 1000))
        seen = int(networks.images.numpy())
        with reading(self.dataset):
            stats = self.step(look.resolution, iterator, seen, look.fade, beta)
        images = look.batch * schedule.minibatch_repeats
        networks.count(images, stats)
        seconds = time.perf_counter() - started
        self.reporter.advance(self.kimg, images, seconds, look.resolution)
        return seconds

    def _tick_is_over(self, look: ScheduleState) -> bool:
        done = self.kimg - int(self.networks.tick_start.numpy()) / 1000
        return done >= look.tick_kimg or self.over

    def _end_tick(self, look: ScheduleState, seconds: float) -> None:
        if self.workers.chief:
            self.recorder.tick(look, seconds)
        self.networks.begin_tick()
        self._alone(self._keep, look)

    def _keep(self, look: ScheduleState) -> None:
        """Writes a checkpoint, a snapshot and its metrics when they are due."""
        ticks, measured = int(self.networks.tick.numpy()), self.measuring.due(self.over)
        if self.over or measured or ticks % self.config.output.snapshot_ticks == 0:
            self.save()
            self.recorder.snapshot(look)
        if measured:
            self.measuring.measure(look)
