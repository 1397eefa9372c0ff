"""Checkpoints, to resume from, and snapshots, to generate images with."""

from typing import Any

import keras
import tensorflow as tf

from stylegan_tf import checkpoints
from stylegan_tf.backend_compat import save_model
from stylegan_tf.files import atomic_write
from stylegan_tf.training.callbacks.image_grids import ImageGrids
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.trained_labels import remember
from stylegan_tf.training.trainer import Trainer


def is_evaluation_due(trainer: Trainer) -> bool:
    """Returns whether metrics are measured after the tick that has ended, as after the last."""
    ticks = int(trainer.networks.tick.numpy())
    has_metrics = bool(trainer.config.metrics.names)
    is_time = trainer.is_finished or ticks % trainer.plan.measured_ticks == 0
    return has_metrics and is_time and trainer.is_healthy


def is_snapshot_due(trainer: Trainer) -> bool:
    """Returns whether the tick that has ended leaves a checkpoint and a snapshot."""
    ticks = int(trainer.networks.tick.numpy())
    is_regular = ticks % trainer.config.output.snapshot_ticks == 0
    is_time = trainer.is_finished or is_regular or is_evaluation_due(trainer)
    return is_time and trainer.is_healthy


class Checkpoints(keras.callbacks.Callback):
    """Writes checkpoints with the snapshots, and where training ends in whatever way.

    Networks that are not finite are not saved: the last ones that were stay.

    Args:
        trainer: whose state it is.
        run_dir: the run directory.
    """

    def __init__(self, trainer: Trainer, run_dir: RunDir):
        super().__init__()
        self.trainer = trainer
        self.run_dir = run_dir
        keep = trainer.config.output.keep_checkpoints
        self.manager = checkpoints.manager(run_dir.path, trainer.checkpoint, keep)
        self._saved_kimg: float | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Notes the checkpoint that training is resumed from."""
        self._saved_kimg = self.trainer.kimg if self.manager.latest_checkpoint else None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes a checkpoint if it is due."""
        if is_snapshot_due(self.trainer):
            self.save()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes a checkpoint unless there is one of this moment."""
        if self._saved_kimg != self.trainer.kimg and self.trainer.is_healthy:
            self.save()

    def save(self) -> None:
        """Writes a checkpoint.

        Raises:
            OSError: if it cannot be written; the one before is as it was.
        """
        try:
            self.manager.save()
        except tf.errors.OpError as error:
            reason = error.message.splitlines()[0]
            raise OSError(f"{self.run_dir.checkpoints} cannot be written to: {reason}") from error
        self._saved_kimg = self.trainer.kimg


class Snapshots(keras.callbacks.Callback):
    """Writes `network-snapshot-….keras`, the averaged generator, each with its grid of images.

    Args:
        trainer: whose generator it is.
        run_dir: the run directory.
        reporter: prints what was written.
        grids: writes the grid.
    """

    def __init__(self, trainer: Trainer, run_dir: RunDir, reporter: Reporter, grids: ImageGrids):
        super().__init__()
        self.trainer = trainer
        self.run_dir = run_dir
        self.reporter = reporter
        self.grids = grids

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes a snapshot if it is due."""
        if is_snapshot_due(self.trainer):
            self.save(self.trainer.schedule_state)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes a snapshot where a callback has ended training, unless the tick has left one."""
        ended_by_callback = self.model.stop_training and self.trainer.networks.is_at_tick_start
        is_missing = not is_snapshot_due(self.trainer)
        if ended_by_callback and is_missing and self.trainer.is_healthy:
            self.save(self.trainer.schedule_state)

    def save(self, state: ScheduleState) -> None:
        """Writes the snapshot of this moment, as far as the generator has grown."""
        kimg = self.trainer.kimg
        path, generator = self.run_dir.snapshot(kimg), self.trainer.networks.generator_ema
        generator.grown = state.grown
        remember(generator, self.trainer.dataset)
        generator.licence = self.trainer.config.licence
        with atomic_write(path) as partial:
            save_model(generator, partial)
        self.grids.save_fakes(state)
        self.reporter.line(f"saved {path} and {self.run_dir.fakes(kimg).name}")
