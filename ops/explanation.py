"""What each op runs as on this machine, and why."""

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from . import dispatch, library

Function = TypeVar("Function", bound=Callable[..., Any])

_ops: dict[str, Callable[[], str]] = {}


def explained(runs_as: Callable[[], str]) -> Callable[[Function], Function]:
    """Registers an op by its name.

    Args:
        runs_as: returns one line, `"compiled: …"` or `"reference: …"`; only called where plain
            TensorFlow was not requested.
    """

    def register(op: Function) -> Function:
        _ops[op.__name__] = runs_as
        return op

    return register


def implementation() -> dict[str, str]:
    """Returns what each op runs as on this machine, and why, by the op's name."""
    if dispatch.resolved("auto") == "reference":
        return dict.fromkeys(sorted(_ops), "reference: STYLEGAN_TF_OPS says so")
    return {name: runs_as() for name, runs_as in sorted(_ops.items())}


def on_every_device() -> str:
    """Explains an op with kernels for CPUs and GPUs."""
    loaded = library.load()
    return loaded.cuda_reason if loaded.module and _has_gpu() else loaded.reason


def on_cpus(otherwise: str) -> str:
    """Explains an op with kernels for CPUs alone.

    Args:
        otherwise: what a GPU runs.
    """
    return f"reference: on a GPU it is {otherwise}" if _has_gpu() else library.load().reason


def convolution() -> str:
    """Explains a 3×3 convolution: a kernel on x86 CPUs, TensorFlow's own elsewhere."""
    if _has_gpu():
        return "reference: on a GPU it is TensorFlow's own convolution (cuDNN)"
    loaded = library.load()
    if loaded.module is None:
        return loaded.reason
    if dispatch.has_avx2():
        return f"{loaded.reason}, 3×3 of channels in sixteens; others are TensorFlow's own"
    return "reference: TensorFlow's own convolution; the compiled one is for x86 CPUs with AVX2"


def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))
