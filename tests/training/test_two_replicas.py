"""Two devices with half of a batch each do what one does with the whole."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SUPPORT = Path(__file__).parents[1] / "support"


def train(count: int, folder: Path) -> dict[str, np.ndarray]:
    """What `two_replicas.py` saves."""
    command = [sys.executable, str(SUPPORT / "two_replicas.py"), str(count), str(folder / "x.npz")]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(folder / "x.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """Losses and variables of one replica with 8 pictures."""
    return train(1, tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Losses and variables of two replicas with 4 pictures each."""
    return train(2, tmp_path_factory.mktemp("two"))


def test_variables_are_the_same_on_both_replicas(two):
    for name, copies in two.items():
        if not name.startswith("stats/"):
            assert len(copies) == 2
            np.testing.assert_array_equal(copies[0], copies[1], err_msg=name)


def test_losses_are_means_over_the_whole_batch(one, two):
    for name in (name for name in one if name.startswith("stats/")):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-4, atol=1e-5, err_msg=name)
    assert one["stats/skipped"] == two["stats/skipped"] == 0


def test_weights_move_alike(one, two):
    assert one.keys() == two.keys()
    for name in (name for name in one if not name.startswith("stats/")):
        scale = max(np.abs(one[name]).max(), 0.1)
        difference = np.abs(two[name][0] - one[name][0]).max()
        assert difference < 1e-4 * scale, (name, difference / scale)
