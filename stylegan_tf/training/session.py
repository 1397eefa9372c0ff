"""Training from Python and from the command line: sets up a run, trains it, gives it back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import keras
import tensorflow as tf

from stylegan_tf import checkpoints
from stylegan_tf.datasets.dataset import Dataset
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.training import start, strategies
from stylegan_tf.training.changes import Change, parts_anew
from stylegan_tf.training.config import Config
from stylegan_tf.training.progress import thousands
from stylegan_tf.training.rehearsal import choose_xla, rehearse
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.run_output import NoOutput, RunOutput
from stylegan_tf.training.start import Job
from stylegan_tf.training.strategies import workers_of
from stylegan_tf.training.trainer import DivergedError, Trainer

if TYPE_CHECKING:
    from stylegan_tf.pipeline import Pipeline

Callbacks: TypeAlias = Sequence[keras.callbacks.Callback] | keras.callbacks.Callback | None


def train(
    config: Config | None = None,
    data: str | Path | Dataset | None = None,
    outdir: str | Path = "runs",
    callbacks: Callbacks = (),
    resume: str | Path | None = None,
    allow_change: bool = False,
) -> "Run":
    """Trains a generator and a discriminator, and returns the run.

    It may be called in a notebook or a thread: it changes no signal handler. Of several workers
    only the chief runs callbacks and writes.

    Args:
        config: a `Config`. None: the plan for this machine, or what the resumed run was started
            with.
        data: path of a dataset, or what `stylegan_tf.datasets.open` gives. None: what `config`
            names, or the bundled dataset.
        outdir: where the run directory is made, or looked for.
        callbacks: Keras callbacks, called after those that write the run directory. An epoch is a
            tick, `logs` are the numbers of `stats.jsonl` and the metrics measured at that tick,
            and `self.model` is the averaged generator. `self.model.stop_training = True` ends
            training after the tick.
        resume: a run directory, or "latest" in `outdir`: resumes it from its newest checkpoint.
        allow_change: whether `config` may change what a resumed run computes.

    Returns:
        a `Run`; `resume=run.path` trains one further that a callback has ended.

    Raises:
        ValueError: if the configuration and the data do not fit each other or this machine; a new
            run has left nothing then. `trainer.DivergedError` if no update is finite any more.
        OSError: if a file cannot be written.

    Example:
        config = sg.training.Config.from_file("config.json")
        run = sg.training.train(config, data="photos-64", callbacks=[CSVLogger("log.csv")])
    """
    if resume is None:
        job = start.fresh_from(config, data)
    else:
        job = start.resumed_from(resume, Path(outdir), config, data, allow_change)
    session = Session(job, Path(outdir), callbacks)
    session.train()
    return session.run


class Run:
    """A run that was trained: where it is, and its networks.

    Attributes:
        path: the run directory; None in a worker that is not the chief.
        generator: the averaged generator, grown as far as training has come.
        discriminator: the discriminator.
    """

    def __init__(self, output: RunOutput | NoOutput, trainer: Trainer):
        self._output = output
        self.path: Path | None = output.path
        self.generator: Generator = trainer.networks.generator_ema
        self.discriminator: Discriminator = trainer.networks.discriminator

    @property
    def stats(self) -> list[dict[str, Any]]:
        """The numbers of every tick of the run, as in `stats.jsonl`."""
        return self._output.rows()

    @property
    def pipeline(self) -> "Pipeline":
        """A `Pipeline` of the newest snapshot.

        Raises:
            ValueError: in a worker that is not the chief, or if there is no snapshot yet.
        """
        from stylegan_tf.pipeline import Pipeline

        if self.path is None:
            raise ValueError("only the chief has the run directory; this is another worker")
        return Pipeline.from_pretrained(self.path)


class Session:
    """A run that is set up: its directory is there, and its networks have their weights.

    Args:
        job: what to do.
        outdir: where a new run directory is made.
        callbacks: those of the user.

    Raises:
        ValueError: if something does not fit; a new run has left nothing then.
        WorkerLost: if another worker is gone.
    """

    def __init__(self, job: Job, outdir: Path, callbacks: Callbacks = ()):
        callbacks = _as_list(callbacks)
        strategy = job.strategy or strategies.make(job.plan.config.strategy)
        self.workers = workers = workers_of(strategy)
        with workers.watched("start all of them again"):
            workers.refuse_other_options(job.plan.config, job.dataset, job.initial)
            rehearse(job.plan.config, job.dataset.channels)
            xla, obstacle = choose_xla(job.plan.config, job.dataset.channels)
            self.output = _output(job, outdir) if workers.is_chief else NoOutput()
            if obstacle:
                self.output.message(obstacle)
            try:
                self.trainer = Trainer(job.plan, job.dataset, workers, xla)
                self.callbacks = self.output.callbacks(self.trainer, callbacks)
            except (ValueError, tf.errors.OpError):  # something is missing, or a worker is gone
                self.output.discard()
                raise
        self.run = Run(self.output, self.trainer)
        self._resume_advice = f"resume with --resume {self.output.resume_name}"
        with workers.watched(self._resume_advice):
            if job.run:
                self._restore(job.run, job.changes)
            elif job.initial:
                with strategy.scope():
                    job.initial.assign(self.trainer.networks)
        if self.output.path:
            self.output.message(f"run       {self.output.path}")

    def stop(self) -> None:
        """Lets training end after the step that it is in; for signal handlers and other threads."""
        self.trainer.stop()

    def train(self) -> bool:
        """Trains; returns whether the end of the schedule is reached.

        Raises:
            WorkerLost: if another worker is gone.
            DivergedError: if no update is finite any more.
        """
        trainer = self.trainer
        with self.workers.watched(self._resume_advice), self.output.shown():
            try:
                trainer.train(self.callbacks)
            except DivergedError as error:
                raise DivergedError(f"{error}; {self.output.advice_after_divergence()}") from error
            except Exception:
                self.output.save_after_error(trainer)
                raise
        self.output.outcome(trainer.kimg, trainer.is_finished)
        return trainer.is_finished

    def _restore(self, run_dir: RunDir, changes: Sequence[Change]) -> None:
        """Sets the trainer to the newest whole checkpoint of a run, the same for all workers."""
        checkpoint = checkpoints.newest(run_dir.path, self.output.message)
        if checkpoint is None:
            raise ValueError(f"{run_dir.path} holds no checkpoint yet; start a new run")
        self.trainer.restore(checkpoint, parts_anew(changes))
        self.workers.refuse_difference(
            "finds another checkpoint than the chief",
            {str(run_dir.checkpoints): int(self.trainer.networks.images.numpy())},
            "all must see the same files",
        )
        self.output.message(f"resumed at {thousands(self.trainer.kimg)} kimg from {checkpoint}")
        self.output.record_changes(self.trainer.config, changes)


def _output(job: Job, outdir: Path) -> RunOutput:
    """The directory of a run that is resumed, or a new one."""
    if job.run:
        return RunOutput(job.run, is_new=False)
    return RunOutput(RunDir.create(outdir, job.description, job.plan.config), is_new=True)


def _as_list(callbacks: Callbacks) -> list[keras.callbacks.Callback]:
    """Returns callbacks as a list; as for `fit`, there can be one alone, or None."""
    if callbacks is None:
        return []
    callbacks = [callbacks] if isinstance(callbacks, keras.callbacks.Callback) else list(callbacks)
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(f"callbacks holds {callback!r}, which is no keras.callbacks.Callback")
    return callbacks
