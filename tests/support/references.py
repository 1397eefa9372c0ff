"""Asks packages that people trust, where they are installed."""

import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import reference_packages

# Python of another environment that has them: one is enough for all stacks.
OTHER_PYTHON = "STYLEGAN_TF_ORACLES_PYTHON"
PROBE = "import importlib.util as u, sys; print(*(n for n in sys.argv[1:] if not u.find_spec(n)))"


def ask(what: str, folder: Path, **given) -> dict[str, np.ndarray]:
    """What a function of `reference_packages` finds; skips the test where a package is missing.

    Args:
        folder: an empty one, in which it leaves its files.
        given: its arguments.
    """
    if missing():
        pytest.skip(f"needs {missing()}: pip install -e '.[oracles]'")
    np.savez(folder / "given.npz", **given)
    process = started()
    print(json.dumps([what, str(folder)]), file=process.stdin, flush=True)
    wrong = json.loads(process.stdout.readline() or '"it ended"')
    assert not wrong, wrong
    with np.load(folder / "found.npz") as result:
        return dict(result)


@functools.cache
def started() -> subprocess.Popen:
    """The process that answers; it ends with this one."""
    program = [python(), reference_packages.__file__]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(program, text=True, **pipes)


@functools.cache
def missing() -> str:
    """The packages that are not there."""
    if OTHER_PYTHON not in os.environ:
        return " ".join(n for n in reference_packages.PACKAGES if not importlib.util.find_spec(n))
    probe = [python(), "-c", PROBE, *reference_packages.PACKAGES]
    return subprocess.run(probe, capture_output=True, text=True, check=True).stdout.strip()


def python() -> str:
    """The Python that has them."""
    return os.environ.get(OTHER_PYTHON, sys.executable)
