"""Two devices with half of a batch each do what one does with the whole."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

# Of float16, sums over images are rounded once on each replica.
TOLERANCES = {"float32": 1e-4, "mixed_float16": 2.0**-11}
SUPPORT = Path(__file__).parents[1] / "support"


def train(count: int, folder: Path, precision: str, *options: str) -> dict[str, np.ndarray]:
    """What `two_replicas.py` saves."""
    script = [sys.executable, SUPPORT / "two_replicas.py"]
    command = [*script, str(count), folder / "x.npz", precision, *options]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr[-2000:]
    with np.load(folder / "x.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module", params=TOLERANCES)
def precision(request):
    """That of convolutions."""
    return request.param


@pytest.fixture(scope="module")
def one(tmp_path_factory, precision):
    """Losses and variables of one replica with 8 images."""
    return train(1, tmp_path_factory.mktemp("one"), precision)


@pytest.fixture(scope="module")
def two(tmp_path_factory, precision):
    """Losses and variables of two replicas with 4 images each."""
    return train(2, tmp_path_factory.mktemp("two"), precision)


def test_variables_are_the_same_on_both_replicas(two):
    for name, copies in two.items():
        if not name.startswith("stats/") and name != "broken/skipped":
            assert len(copies) == 2
            np.testing.assert_array_equal(copies[0], copies[1], err_msg=name)


def test_losses_are_means_over_the_whole_batch(one, two, precision):
    close = {"rtol": TOLERANCES[precision], "atol": TOLERANCES[precision] / 10}
    for name in (name for name in one if name.startswith("stats/")):
        np.testing.assert_allclose(two[name], one[name], **close, err_msg=name)
    assert one["stats/skipped"] == two["stats/skipped"] == 0


def test_weights_move_alike(one, two, precision):
    assert one.keys() == {name for name in two if not name.startswith("broken/")}
    for name in (name for name in one if not name.startswith("stats/")):
        scale = max(np.abs(one[name]).max(), 0.1)
        difference = np.abs(two[name][0] - one[name][0]).max()
        assert difference < TOLERANCES[precision] * scale, (name, difference / scale)


@pytest.mark.slow
def test_xla_computes_the_same_for_both(two, precision, tmp_path):
    compiled = train(2, tmp_path, precision, "xla")
    for name, copies in compiled.items():
        scale = max(np.abs(two[name]).max(), 0.1)
        difference = np.abs(copies - two[name]).max()
        # XLA rounds to float16 at other places.
        assert difference < 4 * TOLERANCES[precision] * scale, (name, difference / scale)


def test_what_breaks_on_one_replica_is_left_out_on_both(two):
    assert two["broken/skipped"] == 1
    for network, moves in (("discriminator", False), ("generator", True)):
        names = [name for name in two if name.startswith(f"{network}/")]
        changed = [not np.array_equal(two[name], two[f"broken/{name}"]) for name in names]
        assert any(changed) == moves


def test_what_breaks_on_one_replica_halves_the_scale_once(two, precision):
    if precision == "float32":
        assert not [name for name in two if "scale/" in name]
        return
    before, after = (
        [float(two[f"{when}scale/{x}/value"][0]) for x in "dg"] for when in ("", "broken/")
    )
    assert before == [2.0**15, 2.0**15]
    assert after == [2.0**14, 2.0**15]
    assert [int(two[f"broken/scale/{x}/good_steps"][0]) for x in "dg"] == [0, 3]
