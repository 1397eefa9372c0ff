"""Two replicas come to the numbers of one, in the same order."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from compare import assert_close

PROGRAM = Path(__file__).parents[1] / "support" / "evaluated_replicas.py"


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """What `evaluated_replicas.py` saves, on one replica and on two."""
    results = []
    for count in (1, 2):
        path = tmp_path_factory.mktemp("replicas") / "x.npz"
        command = [sys.executable, str(PROGRAM), str(count), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
        assert done.returncode == 0, done.stderr[-2000:]
        with np.load(path) as file:
            results.append({name: file[name] for name in file.files})
    return results


def test_each_replica_is_compiled_once(result):
    one, two = result
    assert (one["traces"], two["traces"]) == (1, 2)


def test_generated_images_are_the_same(result):
    one, two = result
    assert one["images"].shape == (11, 4, 4, 3)
    assert np.abs(one["images"] - two["images"]).max() <= 1
    assert_close(two["w"], one["w"], 1e-5)


def test_real_images_are_the_same(result):
    one, two = result
    assert len(one["reals"]) == 11
    np.testing.assert_array_equal(one["reals"], two["reals"])


def test_path_lengths_are_the_same(result):
    one, two = result
    assert two["length"] == pytest.approx(one["length"], rel=1e-2)
