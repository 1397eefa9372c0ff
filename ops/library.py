"""Loads the compiled ops, and says why where there are none."""

import functools
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from . import build, build_cuda

HINT = "run `stylegan-tf ops build`"


class OpsUnavailable(RuntimeError):
    """The compiled ops were asked for and cannot be had; the message says why."""


@dataclass(frozen=True)
class Library:
    """The compiled ops of this process.

    Attributes:
        module: what tf.load_op_library returned, with a function for each op, or None.
        reason: one line, `"compiled: …"` or `"reference: …"`, with what a user can do.
        log: the command of the build that failed and the end of what it printed, if that is why.
        cuda: whether the ops have kernels for CUDA devices, too.
        cuda_reason: one line about those, like `reason`.
    """

    module: object | None
    reason: str
    log: str = ""
    cuda: bool = False
    cuda_reason: str = "reference: the CUDA kernels need the CPU library, which is not loaded"

    def require(self):
        """The module.

        Raises:
            OpsUnavailable: if there is none; with the command and the log of a build that failed.
        """
        if self.module is None:
            why = self.reason.removeprefix("reference: ")
            raise OpsUnavailable(f"the compiled ops cannot be had: {why}\n{self.log}".strip())
        return self.module


@functools.cache
def load() -> Library:
    """Loads the libraries when it is first called. Never fails."""
    name = build.cpu_library_name()
    module, error = _load(name)
    if module is None:
        return Library(None, *_why_not(name, error))
    cuda, reason = _load_cuda()
    return Library(module, f"compiled: {name} for the CPU", "", cuda, reason)


def _load(name: str) -> tuple[object | None, str]:
    """The module of a library, from the first place where it loads, or None and the last error."""
    error = ""
    for path in _found(name):
        try:
            return tf.load_op_library(str(path)), ""
        except Exception as failure:  # whatever a foreign library causes, plain TensorFlow works
            error = str(failure).strip().partition("\n")[0]
    return None, error


def _load_cuda() -> tuple[bool, str]:
    """Whether CUDA kernels were loaded, and a line about it."""
    name = build_cuda.cuda_library_name()
    module, error = _load(name)
    if module is not None:
        return True, f"compiled: {name} for CUDA devices"
    if error:
        return False, f"reference: {_does_not_load(name, error)}"
    return False, f"reference: no CUDA library of TensorFlow {tf.__version__}; with nvcc, {HINT}"


def _why_not(name: str, error: str) -> tuple[str, str]:
    """Why the CPU library is not loaded, and the log of the build that failed."""
    if error:
        return f"reference: {_does_not_load(name, error)}", ""
    if failed := _found(build.FAILED):
        newest = max(failed, key=lambda path: path.stat().st_mtime)
        what, _, log = newest.read_text(encoding="utf-8").strip().partition("\n")
        return f"reference: no compiled library; {what}. With that mended, {HINT}", log
    if _found("stylegan_tf_cpu-*.so"):
        return f"reference: the library here was built from other kernels: {HINT}", ""
    return f"reference: no compiled library; it was never built: {HINT}", ""


def _does_not_load(name: str, error: str) -> str:
    return f"{name} does not load on TensorFlow {tf.__version__} ({error}): {HINT}"


def _found(pattern: str) -> list[Path]:
    return [path for place in build.places() for path in place.glob(pattern)]
