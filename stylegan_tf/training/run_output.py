"""What the process that writes leaves behind; the null object of those that write nothing."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from keras.callbacks import Callback

from stylegan_tf.training.callbacks import Checkpoints, default_callbacks
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.trainer import Trainer


class RunOutput:
    """The run directory, its log, and the callbacks that write there.

    Args:
        run_dir: the run directory.
        is_new: whether it was made for this run, which has not begun.
    """

    def __init__(self, run_dir: RunDir, is_new: bool):
        self.run_dir = run_dir
        self.is_new = is_new
        self.path: Path | None = run_dir.path
        self.resume_name = str(run_dir.path)
        self.reporter = Reporter(run_dir.log)

    def message(self, text: str) -> None:
        """Prints a line and adds it to the log."""
        self.reporter.line(text)

    def shown(self) -> AbstractContextManager:
        """Returns a context in which progress is shown."""
        return self.reporter

    def callbacks(self, trainer: Trainer, more: Iterable[Callback]) -> list[Callback]:
        """Returns the default callbacks, then those of the user."""
        default = default_callbacks(trainer, self.run_dir, self.reporter)
        (self._checkpoints,) = (one for one in default if isinstance(one, Checkpoints))
        return [*default, *more]

    def save_after_error(self, trainer: Trainer) -> None:
        """Writes a checkpoint if a callback has raised at the end of a tick, not within a step."""
        if trainer.is_ending_tick:
            self._checkpoints.on_train_end()

    def discard(self) -> None:
        """Removes the directory of a run that could not begin."""
        if self.is_new:
            shutil.rmtree(self.run_dir.path)

    def rows(self) -> list[dict]:
        """Returns the lines of `stats.jsonl`."""
        return self.run_dir.rows()

    def outcome(self, kimg: float, is_finished: bool) -> None:
        """Prints where everything is, or how to resume."""
        if not is_finished:
            self.message(f"stopped at {kimg:.1f} kimg; resume with --resume {self.run_dir.path}")
            return
        self.message(f"done: {kimg:.1f} kimg")
        self.message(f"images    {self.run_dir.fakes(kimg)}")
        self.message(f"network   {self.run_dir.snapshot(kimg)}")
        if self.run_dir.best.exists():
            self.message(f"best      {self.run_dir.best}")


class NoOutput:
    """What a worker leaves that is not the chief: nothing."""

    path = None
    resume_name = "latest"

    def message(self, text: str) -> None:
        """Does nothing."""

    def shown(self) -> AbstractContextManager:
        """Returns a context in which nothing is shown."""
        return nullcontext()

    def save_after_error(self, trainer: Trainer) -> None:
        """Does nothing."""

    def callbacks(self, trainer: Trainer, more: Iterable[Callback]) -> list[Callback]:
        """Returns none: the chief runs all."""
        return []

    def discard(self) -> None:
        """Does nothing."""

    def rows(self) -> list[dict]:
        """Returns none."""
        return []

    def outcome(self, kimg: float, is_finished: bool) -> None:
        """Does nothing."""
