"""`stylegan-tf train` checks and prints a plan without TensorFlow, which takes seconds."""

import json
import subprocess
import sys

import pytest
import tensorflow as tf

import train_results
from stylegan_tf.augment.augmentation import AUGMENTATIONS
from stylegan_tf.losses.loss import LOSSES
from stylegan_tf.penalties.penalty import PENALTIES

PLANS = [
    [],
    ["--config", "c", "--mirror", "--cond", "--resolution", "64"],
    ["--loss", "wgan_gp"],
    ["--loss", "relativistic", "--penalty", "r2=5", "--penalty", "r1=5"],
    ["--set", "loss.penalty_options.r1.interval=16"],
    ["--precision", "mixed_float16"],
    ["--aug", "ada", "--aug-p", "0.1"],
    ["--strategy", "mirrored", "--metrics", "fid50k"],
]
REFUSED = [
    ["--data", "nowhere"],
    ["--resolution", "12"],
    ["--batch", "6"],
    ["--kimg", "0"],
    ["--loss", "hing"],
    ["--penalty", "r3=1"],
    ["--aug", "nonee"],
    ["--plugin", "no_such"],
    ["--metrics", "fidd50k"],
    ["--freeze-d", "1"],
    ["--init-from", "nowhere"],
    ["--resume", "nowhere"],
    ["--strategy", "multi_worker"],
    ["--loss", "wgan_gp", "--set", "loss.penalty_options.gradient_penalty.target=-1"],
    ["--set", "augment.options.p=1"],
    ["--aug", "fixed", "--aug-p", "2"],
]
COMMANDS = [["--dry-run", *plan] for plan in PLANS] + REFUSED
# A TensorFlow that writes when it is imported and first looks for GPUs, as the real one, and has 4.
TALKING = """
import functools, os
from types import SimpleNamespace

os.write(2, b"a line of C++\\n")

@functools.cache
def list_physical_devices(kind):
    os.write(2, b"another one\\n")
    return [kind] * 4

config = SimpleNamespace(list_physical_devices=list_physical_devices)
"""
WITH_DRIVER = (
    "import sys; from stylegan_tf import machine; from stylegan_tf.cli import main; "
    "machine.may_have_gpu = lambda: True; main(['train', '--dry-run', *sys.argv[1:]])"
)


def built_in(registry) -> list[str]:
    """The names that the package brings."""
    return [name for name in registry if registry.get(name).__module__.startswith("stylegan_tf.")]


@pytest.fixture(scope="module")
def fresh():
    """What all commands give in a process that has imported nothing."""
    command = [sys.executable, train_results.__file__, json.dumps(COMMANDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_nothing_slow_is_imported(fresh):
    assert fresh["imported"] == []


@pytest.mark.parametrize("number", range(len(COMMANDS)))
def test_results_are_the_same_as_with_tensorflow(number, fresh, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    for registry in (LOSSES, PENALTIES, AUGMENTATIONS):  # other tests have registered theirs
        monkeypatch.setattr(registry, "_entries", {n: registry.get(n) for n in built_in(registry)})
    code, out, err = result = train_results.result(*COMMANDS[number])
    assert fresh["results"][number] == result
    if number < len(PLANS):
        assert (code, err) == (0, "")
        assert "settings  by where they come from" in out
    else:
        assert (code, out, err.count("\n")) == (2, "", 1)


def with_driver(folder, *arguments) -> subprocess.CompletedProcess:
    """A dry run where there may be a GPU, with the TensorFlow of a folder."""
    command = [sys.executable, "-c", WITH_DRIVER, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_where_a_gpu_may_be_tensorflow_counts_them_and_is_quiet(tmp_path):
    (tmp_path / "tensorflow.py").write_text(TALKING)
    done = with_driver(tmp_path, "--strategy", "mirrored")
    assert (done.returncode, done.stderr) == (0, "")
    assert "machine   4 GPU(s), 4 replica(s), float32" in done.stdout.splitlines()


def test_lines_of_a_tensorflow_that_fails_are_shown(tmp_path):
    (tmp_path / "tensorflow.py").write_text(f"{TALKING}\nraise OSError('it is damaged')")
    done = with_driver(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == ["a line of C++", "stylegan-tf: it is damaged"]
