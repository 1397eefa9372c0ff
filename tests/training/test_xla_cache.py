"""Where XLA keeps its programs."""

import os
import subprocess
import sys

import pytest
import tensorflow as tf

from stylegan_tf import downloads
from stylegan_tf.training import xla_cache

IS_KEPT = tuple(map(int, tf.__version__.split(".")[:2])) >= xla_cache.MIN_TENSORFLOW
PROGRAM = """
from stylegan_tf.training import xla_cache
xla_cache.keep()
import tensorflow as tf
print(float(tf.function(lambda x: tf.sin(x), jit_compile=True)(tf.constant(1.0))))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the user."""
    monkeypatch.setenv(downloads.CACHE, str(tmp_path / "cache"))
    monkeypatch.delenv(xla_cache.VARIABLE, raising=False)
    return tmp_path


@pytest.mark.skipif(not IS_KEPT, reason="this TensorFlow cannot keep them")
def test_flags_of_the_user_stay(monkeypatch):
    monkeypatch.setenv(xla_cache.VARIABLE, "--tf_xla_clustering_debug")
    xla_cache.keep()
    expected = f"--tf_xla_clustering_debug {xla_cache.FLAG}={xla_cache.folder()}"
    assert os.environ[xla_cache.VARIABLE] == expected
    assert xla_cache.folder().is_dir()


@pytest.mark.parametrize("place", ["/elsewhere", ""])
def test_a_folder_of_the_user_stays(place, monkeypatch):
    flags = f"{xla_cache.FLAG}={place}"
    monkeypatch.setenv(xla_cache.VARIABLE, flags)
    xla_cache.keep()
    assert os.environ[xla_cache.VARIABLE] == flags
    assert not xla_cache.root().exists()


def test_a_folder_that_cannot_be_made_is_done_without(cache):
    (cache / "cache").write_text("a file")
    xla_cache.keep()
    assert xla_cache.VARIABLE not in os.environ


def test_an_older_tensorflow_does_without(monkeypatch):
    monkeypatch.setattr(xla_cache, "tensorflow_version", lambda: "2.15.1")
    xla_cache.keep()
    assert xla_cache.VARIABLE not in os.environ


@pytest.mark.slow
def test_a_program_is_kept():
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True
        )
        assert float(done.stdout.split()[-1]) == pytest.approx(0.841471, abs=1e-6)
    assert (xla_cache.size() > 0) == IS_KEPT
    assert len([*xla_cache.root().rglob("*.pb")]) == IS_KEPT
