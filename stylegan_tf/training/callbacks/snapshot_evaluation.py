"""Metrics of the averaged generator while it trains, and the best snapshot by the first of them."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras

from stylegan_tf import json_lines
from stylegan_tf.files import atomic_write
from stylegan_tf.metrics import WeightsMissing, records
from stylegan_tf.metrics.evaluation import check_generator, evaluate
from stylegan_tf.metrics.names import parse
from stylegan_tf.training.callbacks.snapshots import Snapshots, is_evaluation_due
from stylegan_tf.training.callbacks.stats_logger import TensorBoardLogger
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.trainer import Trainer

SEED = 0  # of the generated images: whatever that of the run, as `evaluate` has it


class StoppedError(Exception):
    """Training is to stop while metrics are measured; its state is saved."""


class SnapshotEvaluation(keras.callbacks.Callback):
    """Measures snapshots, and keeps the best one as `network-best.keras`.

    The numbers are in `metrics.jsonl`, in the line of their tick in `stats.jsonl`, in TensorBoard,
    and in the `logs` of the callbacks after this one.

    Args:
        trainer: whose generator it is.
        run_dir: the run directory.
        reporter: prints results and progress.
        snapshots: writes a snapshot that is missing.
        tensorboard: gets the numbers.

    Raises:
        ValueError: if a metric cannot be measured here, for want of weights or labels, say.
    """

    def __init__(
        self,
        trainer: Trainer,
        run_dir: RunDir,
        reporter: Reporter,
        snapshots: Snapshots,
        tensorboard: TensorBoardLogger,
    ):
        super().__init__()
        self.trainer = trainer
        self.config = trainer.config.metrics
        self.run_dir = run_dir
        self.reporter = reporter
        self.snapshots = snapshots
        self.tensorboard = tensorboard
        self.conditions: dict[str, Any] = {
            "data": str(trainer.dataset.path),
            "mirror": trainer.config.data.mirror,
            "seed": SEED,
        }
        if self.config.names:
            self._check()

    def _check(self) -> None:
        """A run must not end at its first snapshot for want of a file."""
        try:
            self._evaluate(self.config.names)
        except WeightsMissing as error:
            raise ValueError(f"{error} (--set metrics.features.NAME=FILE)") from error

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Measures what was left when a run was stopped while measuring."""
        trainer = self.trainer
        self.rewind()
        if trainer.kimg and trainer.networks.is_at_tick_start and is_evaluation_due(trainer):
            state = trainer.schedule_state
            if not self.run_dir.snapshot(trainer.kimg).exists():
                self.snapshots.save(state)
            self.measure(state)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measures if it is due, and adds the numbers to `logs`."""
        if is_evaluation_due(self.trainer):
            values = self.measure(self.trainer.schedule_state)
            self.trainer.stats.update(values)
            if logs is not None:
                logs.update(values)

    def measure(self, state: ScheduleState) -> dict[str, float]:
        """Measures the snapshot of this moment, but for what was measured already.

        Returns:
            the new numbers by name; where training is stopped meanwhile, those that are done.
        """
        values: dict[str, float] = {}
        with contextlib.suppress(StoppedError):
            for result in self._new_results(state):
                values |= records.scalars(result)
            self._update_best()
        return values

    def _new_results(self, state: ScheduleState) -> Iterator[records.Result]:
        """Measures, and writes each number down."""
        trainer, generator = self.trainer, self.trainer.networks.generator_ema
        generator.grown = state.grown
        subject = records.Subject(
            self.run_dir.snapshot(trainer.kimg).name,
            trainer.kimg,
            state.resolution,
            state.fade,
            **self.conditions,
        )
        missing = self._missing()
        if missing:
            self.reporter.line(f"measuring {', '.join(missing)}")
        for result in self._evaluate(missing) if missing else []:
            values = records.scalars(result)
            json_lines.append(self.run_dir.metrics, records.row_of(result, subject))
            self.run_dir.add_to_tick(int(trainer.networks.tick.numpy()) - 1, values)
            self.tensorboard.scalars({f"metrics/{name}": one for name, one in values.items()})
            self.reporter.line(records.describe(result))
            yield result

    def _update_best(self) -> None:
        """Keeps the snapshot of this moment if it is the best so far."""
        kimg, best = self.trainer.kimg, self._best()
        if best and best["kimg"] == kimg:
            self._keep(self.run_dir.snapshot(kimg))
            at = f"at {best['resolution']}² by {best['metric']}"
            self.reporter.line(
                f"best so far {at}: {best['value']:.4g}; kept as {self.run_dir.best}"
            )

    def rewind(self) -> None:
        """Drops what was measured after this moment: a resumed run measures it anew."""
        now, rows = self.trainer.kimg, records.read(self.run_dir.metrics)
        kept = [row for row in rows if row["kimg"] is None or row["kimg"] <= now]
        if len(kept) == len(rows):
            return
        json_lines.rewrite(self.run_dir.metrics, kept)
        best = self._best()
        before = self.run_dir.path / best["snapshot"] if best else None
        if before and before.exists():
            self._keep(before)
        else:
            self.run_dir.best.unlink(missing_ok=True)

    def _missing(self) -> list[str]:
        """Names to measure at this moment; says which ones the images are too small for as yet."""
        missing = []
        done = {row["metric"] for row in records.alike(self._rows(), kimg=self.trainer.kimg)}
        for name in self.config.names:
            if name in done:
                continue
            try:
                generator = self.trainer.networks.generator_ema
                check_generator(generator, self.trainer.dataset, [parse(name)])
                missing.append(name)
            except ValueError as error:
                self.reporter.line(f"not measured yet: {error}")
        return missing

    def _evaluate(self, names: list[str]) -> Iterator[records.Result]:
        """Checks that metrics can be measured; returns an iterator that does."""
        used = {parse(name).features for name in names}
        return evaluate(
            self.trainer.networks.generator_ema,
            self.trainer.dataset,
            names,
            sources={name: file for name, file in self.config.features.items() if name in used},
            classifiers=self.config.classifiers,
            mirror=self.conditions["mirror"],
            seed=SEED,
            strategy=self.trainer.workers.evaluation_strategy,
            progress=self._progress,
        )

    @contextlib.contextmanager
    def _progress(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """Shows how far a measurement is, and breaks it off where training is to stop."""
        with self.reporter.progress(title) as show:

            def update(done: int, total: int) -> None:
                show(done, total)
                if self.trainer.stop_requested:
                    raise StoppedError

            yield update

    def _rows(self) -> list[dict[str, Any]]:
        """What was measured under the same conditions."""
        return records.alike(records.read(self.run_dir.metrics), **self.conditions)

    def _best(self) -> dict[str, Any] | None:
        return records.best(self._rows(), self.config.names[0]) if self.config.names else None

    def _keep(self, snapshot: Path) -> None:
        with atomic_write(self.run_dir.best) as partial:
            shutil.copyfile(snapshot, partial)
