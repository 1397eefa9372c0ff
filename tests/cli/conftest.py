"""For tests of the commands: a place to run them in."""

import os
import signal
from pathlib import Path

import pytest

import runs
import tiny
from random_images import RandomImages
from stylegan_tf import datasets


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty working directory, images in memory, and a step that does nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "open", lambda path: RandomImages(8))
    runs.skip_steps(monkeypatch)
    return tmp_path


@pytest.fixture
def stop_at(monkeypatch):
    """Sends SIGTERM once so many thousand images were shown."""

    def use(kimg):
        runs.stop_at(monkeypatch, kimg, lambda trainer: os.kill(os.getpid(), signal.SIGTERM))

    return use


@pytest.fixture(scope="session")
def network(tmp_path_factory) -> Path:
    """A file with a generator of 16×16 images without labels."""
    path = tmp_path_factory.mktemp("network") / "g.keras"
    tiny.generator().save(path)
    return path
