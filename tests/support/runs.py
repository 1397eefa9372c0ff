"""Training runs that take seconds."""

from pathlib import Path

import pytest
import tensorflow as tf

from random_images import RandomImages
from stylegan_tf.models.architectures import ARCHITECTURES
from stylegan_tf.training import strategies
from stylegan_tf.training.config import Config
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.plan import Plan
from stylegan_tf.training.run_dir import RunDir
from stylegan_tf.training.session import Session
from stylegan_tf.training.start import Job
from stylegan_tf.training.step import TrainStep
from stylegan_tf.training.trainer import Trainer

# 8 images a call of the step: 4×4 up to 24, 8×8 fading in up to 56, then stable up to 80.
WITHOUT_W = {"w_size": 512, "mapping_units": 512, "mapping_layers": None}
SETTINGS = {
    "data.resolution": 8,
    "generator.latent_size": 8,
    "generator.w_size": 8,
    "generator.mapping_units": 8,
    "generator.mapping_layers": 2,
    "generator.fmap_max": 8,
    "discriminator.fmap_max": 8,
    "schedule.total_kimg": 0.08,
    "schedule.start_resolution": 4,
    "schedule.stable_kimg": 0.024,
    "schedule.fade_kimg": 0.032,
    "schedule.batch_base": 4,
    "schedule.learning_rate_base": 0.002,
    "schedule.tick_kimg_base": 0.016,
    "schedule.ema_kimg": 0.01,
    "schedule.minibatch_repeats": 2,
    "output.snapshot_ticks": 2,
    "output.grid_columns": 3,
    "output.grid_rows": 2,
}


def config(**sections) -> Config:
    """A tiny configuration; other values as `loss={"name": "hinge"}` or `seed=3`."""
    values = dict(SETTINGS)
    for name, value in sections.items():
        inner = value.items() if isinstance(value, dict) else ()
        values |= {f"{name}.{key}": entry for key, entry in inner} or {name: value}
    return Config().replace(values)


def generator_of(architecture: str) -> dict[str, object]:
    """The settings of a tiny generator of an architecture."""
    kind = ARCHITECTURES[architecture]
    settings = {"architecture": architecture, "mapping_layers": 2 if kind.mapping else 0}
    # Those that have no w take none of its sizes.
    return settings if kind.has_w else {**settings, **WITHOUT_W}


def session(folder: Path, dataset=None, callbacks=(), **sections) -> Session:
    """A run that is set up in a new run directory in a folder."""
    dataset = dataset or RandomImages(8)
    plan = Plan.make(config(**sections), dataset, 1)
    return Session(Job(plan, dataset), folder, callbacks)


def resumed(run_dir: RunDir, dataset=None, complete: Config | None = None) -> Session:
    """The run of a directory at its newest checkpoint."""
    dataset = dataset or RandomImages(8)
    plan = Plan.make(complete or run_dir.config(), dataset, 1)
    return Session(Job(plan, dataset, run_dir), run_dir.path.parent)


def callback(session: Session, kind: type):
    """The callback of a class among those of a run."""
    (only,) = [one for one in session.callbacks if isinstance(one, kind)]
    return only


def stop_at(monkeypatch, kimg: float, stop=Trainer.stop) -> None:
    """Calls `stop` with the trainer after the step at which so many thousand images were shown."""
    run_step = Trainer._run_step

    def run_and_stop(trainer, state):
        run_step(trainer, state)
        if trainer.kimg == kimg:
            stop(trainer)

    monkeypatch.setattr(Trainer, "_run_step", run_and_stop)


def skip_steps(monkeypatch) -> None:
    """Training goes through its schedule and computes nothing: tracing a step takes seconds."""
    zeros = {name: tf.constant(0.0) for name in statistics(config().loss)}
    monkeypatch.setattr(TrainStep, "__call__", lambda *_: zeros)


def finished(folder: Path) -> Session:
    """A run in a folder of which all is there but the learning."""
    made = session(folder)
    with pytest.MonkeyPatch.context() as patch:
        skip_steps(patch)
        assert made.train()
    return made


def step(label_size: int = 0, gan=GAN, **sections) -> tuple[TrainStep, Networks]:
    """A training step without anything around it, and what it trains."""
    complete = config(**sections)
    names = statistics(complete.loss)
    networks = Networks(complete, channels=3, label_size=label_size, statistics=names)
    networks.set_learning_rate(complete.schedule.learning_rate_base)
    made = TrainStep(
        strategies.make("one_device"),
        gan(
            networks.generator,
            networks.discriminator,
            complete,
            networks.augment,
            networks.objective,
        ),
        networks.generator_ema,
        networks.generator_optimizer,
        networks.discriminator_optimizer,
        complete.schedule.w_avg_beta,
        minibatch_repeats=1,
        loss_scales=networks.loss_scales,
        generator_first=complete.schedule.generator_first,
    )
    return made, networks
