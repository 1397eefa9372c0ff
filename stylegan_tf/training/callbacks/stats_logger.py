"""The numbers of each tick: a line of the log, one of `stats.jsonl`, points of TensorBoard."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf import json_lines
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.tick_stats import describe
from stylegan_tf.training.trainer import Trainer


class StatsLogger(keras.callbacks.Callback):
    """Adds a line to `stats.jsonl` and to the log after each tick.

    Args:
        trainer: whose numbers they are. Keras turns those in `logs` into floats.
        run_dir: the run directory.
        reporter: prints the line.
    """

    def __init__(self, trainer: Trainer, run_dir: RunDir, reporter: Reporter):
        super().__init__()
        self.trainer = trainer
        self.run_dir = run_dir
        self.reporter = reporter

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Drops the lines of ticks that a resumed run takes again."""
        if self.run_dir.stats.exists():
            self.run_dir.rewind(int(self.trainer.networks.tick.numpy()))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the lines of a tick."""
        json_lines.append(self.run_dir.stats, self.trainer.stats)
        self.reporter.line(describe(self.trainer.stats))


class TensorBoardLogger(keras.callbacks.Callback):
    """Writes TensorBoard events into the run directory, by the number of images shown.

    Args:
        trainer: whose numbers they are.
        run_dir: the run directory.
    """

    def __init__(self, trainer: Trainer, run_dir: RunDir):
        super().__init__()
        self.trainer = trainer
        self.writer = tf.summary.create_file_writer(str(run_dir.path))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers of a tick."""
        self.scalars(self.trainer.stats)

    def scalars(self, values: dict[str, float]) -> None:
        """Adds a point to each of some curves."""
        with self.writer.as_default():
            for name, value in values.items():
                tf.summary.scalar(name, value, step=self._images_shown())
        self.writer.flush()

    def images(self, name: str, images: np.ndarray) -> None:
        """Adds images, uint8 [N, H, W, C]."""
        with self.writer.as_default():
            tf.summary.image(name, images, step=self._images_shown(), max_outputs=len(images))

    def _images_shown(self) -> int:
        return int(self.trainer.networks.images.numpy())
