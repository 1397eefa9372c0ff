"""A network for the tests of the explorer, as a run directory."""

import pytest

import tiny
from stylegan_tf.explorer import LocalSession


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A run directory with a network of 16×16 images and 3 classes."""
    folder = tmp_path_factory.mktemp("a run")
    tiny.generator(label_size=3).save(folder / "network-snapshot-000010.keras")
    return folder


@pytest.fixture(scope="session")
def session(run):
    """A session with that network."""
    return LocalSession(run)
