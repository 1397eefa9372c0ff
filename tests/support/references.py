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


def ask(what: str, folder: Path, also=(), **given) -> dict[str, np.ndarray]:
    """What a function of `reference_packages` finds; skips the test where a package is missing.

    Args:
        folder: in which it finds or leaves its files.
        also: packages that it needs besides the usual ones.
        given: its arguments.
    """
    if lacking := missing(*also):
        pytest.skip(f"needs {lacking}: pip install -e '.[oracles]'")
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
def missing(*also: str) -> str:
    """The packages that are not there."""
    names = [*reference_packages.PACKAGES, *also]
    if OTHER_PYTHON not in os.environ:
        return " ".join(name for name in names if not importlib.util.find_spec(name))
    probe = [python(), "-c", PROBE, *names]
    return subprocess.run(probe, capture_output=True, text=True, check=True).stdout.strip()


def python() -> str:
    """The Python that has them."""
    return os.environ.get(OTHER_PYTHON, sys.executable)
