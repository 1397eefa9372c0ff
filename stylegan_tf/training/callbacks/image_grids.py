"""Grids of real and of generated images."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from stylegan_tf.figures.grid import MIN_TILE, save_grid
from stylegan_tf.images import to_uint8
from stylegan_tf.training.callbacks.stats_logger import TensorBoardLogger
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.schedule import ScheduleState
from stylegan_tf.training.trainer import Trainer

BATCH = 16  # images generated at once
TENSORBOARD_IMAGES = 8


class ImageGrids(keras.callbacks.Callback):
    """Writes `reals.png` and `fakes000000.png` where a run begins, and further fakes on demand.

    Fakes are images of the averaged generator, of the same latents in the whole run.

    Args:
        trainer: whose generator it is.
        run_dir: the run directory.
        tensorboard: gets the first fakes, too.
    """

    def __init__(self, trainer: Trainer, run_dir: RunDir, tensorboard: TensorBoardLogger):
        super().__init__()
        self.trainer = trainer
        self.run_dir = run_dir
        self.tensorboard = tensorboard
        self.config = config = trainer.config
        self.count = config.output.grid_columns * config.output.grid_rows
        rng = np.random.RandomState(config.seed)
        latent_size = trainer.networks.generator_ema.latent_size
        self.z = rng.randn(self.count, latent_size).astype(np.float32)
        self.labels = None  # of the real images in the grid, once they are read

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the grids of a new run."""
        if self.trainer.kimg == 0:
            self.save_reals()
            self.save_fakes(self.trainer.schedule_state)

    def save_reals(self) -> None:
        """Writes `reals.png`."""
        images, _ = self._real_batch()
        save_grid(images.numpy(), self.run_dir.path / "reals.png", self.config.output.grid_columns)

    def save_fakes(self, state: ScheduleState) -> None:
        """Writes the grid of fakes of this moment, at the resolution and fade of the schedule."""
        generator = self.trainer.networks.generator_ema
        if generator.label_size and self.labels is None:
            self.labels = self._real_batch()[1]
        batches = []
        for start in range(0, self.count, BATCH):
            chosen = slice(start, start + BATCH)
            images = generator(
                self.z[chosen],
                None if self.labels is None else self.labels[chosen],
                noise="constant",
                resolution=state.resolution,
                fade=float(state.fade),
            )
            batches.append(to_uint8(images).numpy())
        images = np.concatenate(batches)
        path = self.run_dir.fakes(self.trainer.kimg)
        tile = max(MIN_TILE, self.trainer.plan.resolution)  # all grids of a run have one size
        save_grid(images, path, self.config.output.grid_columns, tile)
        self.tensorboard.images("fakes", images[:TENSORBOARD_IMAGES])

    def _real_batch(self) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Real images for a grid, uint8, and their labels or None."""
        batches = self.trainer.dataset.batches(
            resolution=self.config.data.resolution, batch_size=self.count, seed=self.config.seed
        )
        batch = next(iter(batches))
        return batch if isinstance(batch, tuple) else (batch, None)
