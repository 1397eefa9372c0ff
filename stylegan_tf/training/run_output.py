"""What the process that writes leaves behind; the null object of those that write nothing."""

import shutil
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from keras.callbacks import Callback

from stylegan_tf import checkpoints
from stylegan_tf.training.callbacks import Checkpoints, default_callbacks
from stylegan_tf.training.changes import Change
from stylegan_tf.training.config import Config
from stylegan_tf.training.progress import Reporter, thousands
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

    def record_changes(self, config: Config, changes: Iterable[Change]) -> None:
        """Says what a resumed run does otherwise than before, and keeps it in `config.json`."""
        for change in changes:
            self.message(f"changed   {change.key}: {change.before} → {change.after}")
        self.run_dir.write_config(config)

    def advice_after_divergence(self) -> str:
        """Returns what to do about a run that has diverged."""
        advice = "lower --set schedule.learning_rate_base or raise --gamma"
        kept = checkpoints.newest(self.run_dir.path)
        if kept is None:
            return f"{advice}, in a new run"
        return f"{advice}, with --resume {self.run_dir.path} --allow-change (from {kept.name})"

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
        shown = f"{thousands(kimg)} kimg"
        if not is_finished:
            self.message(f"stopped at {shown}; resume with --resume {self.run_dir.path}")
            return
        self.message(f"done: {shown}")
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

    def record_changes(self, config: Config, changes: Iterable[Change]) -> None:
        """Does nothing."""

    def advice_after_divergence(self) -> str:
        """Returns where there is advice."""
        return "the chief says what to do"

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
