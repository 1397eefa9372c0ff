"""What a run leaves behind, as Keras callbacks: numbers, images, checkpoints, snapshots, metrics.

They are the default list of every run, and come before the callbacks of the user, who finds the
metrics of a tick in its `logs`.
"""

import keras

from stylegan_tf.training.callbacks.image_grids import ImageGrids
from stylegan_tf.training.callbacks.progress_bars import ProgressBars
from stylegan_tf.training.callbacks.snapshot_evaluation import SnapshotEvaluation
from stylegan_tf.training.callbacks.snapshots import Checkpoints, Snapshots
from stylegan_tf.training.callbacks.stats_logger import StatsLogger, TensorBoardLogger
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.trainer import Trainer

__all__ = [
    "Checkpoints",
    "ImageGrids",
    "ProgressBars",
    "SnapshotEvaluation",
    "Snapshots",
    "StatsLogger",
    "TensorBoardLogger",
    "default_callbacks",
]


def default_callbacks(
    trainer: Trainer, run_dir: RunDir, reporter: Reporter
) -> list[keras.callbacks.Callback]:
    """Returns the callbacks of every run, in their order: a checkpoint comes before what may fail.

    Args:
        trainer: the trainer of the run.
        run_dir: where they write.
        reporter: where they print.

    Raises:
        ValueError: if a metric of the configuration cannot be measured here.
    """
    tensorboard = TensorBoardLogger(trainer, run_dir)
    grids = ImageGrids(trainer, run_dir, tensorboard)
    snapshots = Snapshots(trainer, run_dir, reporter, grids)
    bars = [ProgressBars(trainer, reporter)] if reporter.console.is_terminal else []
    return [
        StatsLogger(trainer, run_dir, reporter),
        tensorboard,
        grids,
        Checkpoints(trainer, run_dir),
        snapshots,
        SnapshotEvaluation(trainer, run_dir, reporter, snapshots, tensorboard),
        *bars,
    ]
