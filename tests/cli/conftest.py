"""For tests of the commands: a place to run them in."""

import os
import signal
from pathlib import Path

import pytest
import tensorflow as tf

import runs
import tiny
from random_images import RandomImages
from stylegan_tf import datasets
from stylegan_tf.training.gan import statistics
from stylegan_tf.training.progress import Reporter
from stylegan_tf.training.step import TrainStep


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working directory, pictures in memory, and a step that does nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "open", lambda path: RandomImages(8))
    zeros = {name: tf.constant(0.0) for name in statistics(runs.config().loss)}
    monkeypatch.setattr(TrainStep, "__call__", lambda *_: zeros)
    return tmp_path


@pytest.fixture
def stop_at(monkeypatch):
    """Sends SIGTERM once so many thousand pictures were shown."""

    def use(limit):
        advance = Reporter.advance

        def stop(self, kimg, *arguments):
            advance(self, kimg, *arguments)
            if kimg == limit:
                os.kill(os.getpid(), signal.SIGTERM)

        monkeypatch.setattr(Reporter, "advance", stop)

    return use


@pytest.fixture(scope="session")
def network(tmp_path_factory) -> Path:
    """A file with a generator of 16×16 pictures without labels."""
    path = tmp_path_factory.mktemp("network") / "g.keras"
    tiny.generator().save(path)
    return path
