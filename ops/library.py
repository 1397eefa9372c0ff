"""Loads the compiled ops, and gives the reason where there are none."""

import ctypes
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from . import build, build_cuda
from .xla import Kernels

HINT = "run `stylegan-tf ops build`"


class OpsUnavailable(RuntimeError):
    """The compiled ops were requested and are not available; the message says why."""


@dataclass(frozen=True)
class Library:
    """The compiled ops of this process.

    Attributes:
        module: `Kernels`, with a function for each op, or None.
        reason: one line, `"compiled: …"` or `"reference: …"`, with what a user can do.
        log: the command of a failed build and the end of its output, if that is the reason.
        cuda: whether the ops have kernels for CUDA devices, too.
        cuda_reason: one line about these kernels, like `reason`.
        xla_reason: why programs of XLA cannot call the kernels on this machine; empty if they can.
    """

    module: Any
    reason: str
    log: str = ""
    cuda: bool = False
    cuda_reason: str = "reference: the CUDA kernels need the CPU library, which is not loaded"
    xla_reason: str = ""

    def require(self) -> Any:
        """Returns the module.

        Raises:
            OpsUnavailable: if there is none; with the command and the log of a failed build.
        """
        if self.module is None:
            why = self.reason.removeprefix("reference: ")
            raise OpsUnavailable(f"the compiled ops cannot be had: {why}\n{self.log}".strip())
        return self.module


@functools.cache
def load() -> Library:
    """Returns the libraries, which the first call loads. Never fails."""
    name = build.cpu_library_name()
    module, path, error = _load(name)
    if module is None:
        return Library(None, *_why_not(name, error))
    cuda, cuda_path, cuda_reason = _load_cuda()
    if cuda and tf.config.list_physical_devices("GPU"):
        obstacle = _xla_obstacle(cuda_path, "stylegan_tf_cuda_xla_obstacle")
    else:
        obstacle = _xla_obstacle(path, "stylegan_tf_xla_obstacle")
    kernels = Kernels(module, has_calls=not obstacle)
    return Library(kernels, f"compiled: {name} for the CPU", "", cuda, cuda_reason, obstacle)


def _load(name: str) -> tuple[Any, Path, str]:
    """Returns a library's module and path from where it loads first, or None and an error."""
    error = ""
    for path in _existing(name):
        try:
            return tf.load_op_library(str(path)), path, ""
        except Exception as failure:  # plain TensorFlow works whatever is wrong with a library
            error = str(failure).strip().partition("\n")[0]
    return None, Path(name), error


def _load_cuda() -> tuple[bool, Path, str]:
    """Returns whether CUDA kernels were loaded, from where, and a line about it."""
    name = build_cuda.cuda_library_name()
    module, path, error = _load(name)
    if module is not None:
        return True, path, f"compiled: {name} for CUDA devices"
    if error:
        return False, path, f"reference: {_does_not_load(name, error)}"
    version = tf.__version__
    return False, path, f"reference: no CUDA library of TensorFlow {version}; with nvcc, {HINT}"


def _xla_obstacle(path: Path, function: str) -> str:
    """Returns why programs of XLA cannot call a library's kernels, or an empty text."""
    obstacle = getattr(ctypes.CDLL(str(path)), function)
    obstacle.restype = ctypes.c_char_p
    text: bytes = obstacle()
    return text.decode()


def _why_not(name: str, error: str) -> tuple[str, str]:
    """Returns why the CPU library is not loaded, and the log of a failed build."""
    if error:
        return f"reference: {_does_not_load(name, error)}", ""
    if failed := _existing(build.FAILED):
        newest = max(failed, key=lambda path: path.stat().st_mtime)
        what, _, log = newest.read_text(encoding="utf-8").strip().partition("\n")
        return f"reference: no compiled library; {what}. With that mended, {HINT}", log
    if _existing("stylegan_tf_cpu-*.so"):
        return f"reference: the library here was built from other kernels: {HINT}", ""
    return f"reference: no compiled library; it was never built: {HINT}", ""


def _does_not_load(name: str, error: str) -> str:
    return f"{name} does not load on TensorFlow {tf.__version__} ({error}): {HINT}"


def _existing(pattern: str) -> list[Path]:
    return [path for place in build.places() for path in place.glob(pattern)]
