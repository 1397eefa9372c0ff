"""`stylegan-tf doctor`: what this machine can do, and what keeps it from doing more."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from typing import NamedTuple

import click

from stylegan_tf.messages import counted

MARKS = OK, NOTE, BAD = "ok", "note", "bad"
TESTED_PYTHON = ((3, 10), (3, 13))
MIN_MEMORY = 4e9  # bytes; training on the bundled images takes 1 GB, TensorFlow about as much
MIN_DISK = 2e9  # bytes; a run on the bundled images leaves a few hundred MB


class Line(NamedTuple):
    """A line of the report: its mark, a fact, and what to do if the mark is not ok."""

    mark: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.mark:6}{self.text}" + (f": {self.advice}" if self.advice else "")


Check = Callable[[], list[Line]]


@click.command("doctor")
def command() -> None:
    """Show what this machine can do, and what to do about the rest.

    Each line starts with ok, note (it works, and could do better) or bad (it does not work); the
    exit code is 1 if any is bad.
    """
    marks = [*map(_report, MACHINE_CHECKS), _report(tensorflow)]
    if marks[-1] != BAD:
        marks += map(_report, TENSORFLOW_CHECKS)
    if BAD in marks:
        sys.exit(1)


def _report(check: Check) -> str:
    """Prints the lines of a check and returns the worst of their marks."""
    lines = _lines(check)
    for line in lines:
        click.echo(line)
    return max((line.mark for line in lines), key=MARKS.index)


def _lines(check: Check) -> list[Line]:
    try:
        return check()
    except Exception as error:  # a check that fails must not hide the others
        reason = " ".join(str(error).split()) or type(error).__name__
        return [Line(NOTE, f"{check.__name__}: could not be checked ({reason})")]


def python() -> list[Line]:
    """Checks the version of Python."""
    oldest, newest = TESTED_PYTHON
    text = f"Python {platform.python_version()}"
    if oldest <= sys.version_info[:2] <= newest:
        return [Line(OK, text)]
    tested = " to ".join(".".join(map(str, version)) for version in TESTED_PYTHON)
    return [Line(NOTE, text, f"tested are {tested}")]


def cpu() -> list[Line]:
    """Checks the CPU and its vector extensions."""
    from stylegan_tf import machine

    extensions = machine.vector_extensions()
    text = (
        f"CPU: {counted(machine.cores(), 'core')} of {machine.cpu_model()}, {', '.join(extensions)}"
    )
    if "AVX2" in extensions or "NEON" in extensions:
        return [Line(OK, text)]
    if not extensions and not sys.platform.startswith("linux"):
        return [Line(OK, text.rstrip(", "))]  # other systems do not report them
    return [Line(NOTE, text.rstrip(", "), "without AVX2 or NEON, everything is slow")]


def memory() -> list[Line]:
    """Checks the free memory."""
    from stylegan_tf import machine

    known = machine.memory()
    if known is None:
        return [Line(NOTE, "memory: could not be checked (this system does not report it)")]
    total, free = known
    text = f"memory: {free / 1e9:.1f} of {total / 1e9:.1f} GB free"
    if free >= MIN_MEMORY:
        return [Line(OK, text)]
    return [Line(NOTE, text, "if training runs out of it, give a smaller --batch")]


def disk() -> list[Line]:
    """Checks the free space of the current directory."""
    free = shutil.disk_usage(".").free
    text = f"disk: {free / 1e9:.1f} GB free in the current directory"
    if free >= MIN_DISK:
        return [Line(OK, text)]
    return [Line(NOTE, text, "put runs elsewhere with --outdir")]


def packages() -> list[Line]:
    """Checks the required packages, and lists the extras that are not installed."""
    from stylegan_tf import requirements

    lines = [Line(BAD, text, "pip install stylegan-tf") for text in requirements.problems()]
    lines = lines or [Line(OK, "required packages: all there")]
    for extra in requirements.extras():
        if problems := requirements.problems(extra):
            more = f" and {len(problems) - 2} more" if len(problems) > 2 else ""
            text = f"extra {extra}, not installed: {', '.join(problems[:2])}{more}"
            replaces = any(" is missing" not in problem for problem in problems)
            where = "in an environment of its own, " if replaces else ""
            install = f'if wanted, {where}pip install "stylegan-tf[{extra}]"'
            lines.append(Line(NOTE, text, install))
    return lines


def tensorflow() -> list[Line]:
    """Checks that TensorFlow and Keras load, and their versions."""
    from stylegan_tf.cli import process

    try:
        process.load_tensorflow()
    except ImportError as error:
        return [Line(BAD, "TensorFlow", " ".join(str(error).split()))]
    from stylegan_tf.backend_compat import TESTED, keras, tf

    stack = f"TensorFlow {tf.__version__} with Keras {keras.__version__}"
    if tf.__version__.rpartition(".")[0] in TESTED:
        return [Line(OK, f"{stack}, a tested version")]
    return [Line(NOTE, stack, f"tested are TensorFlow {' and '.join(TESTED)}; it probably works")]


def gpus() -> list[Line]:
    """Lists the GPUs, or gives the reason why there is none."""
    from stylegan_tf.backend_compat import tf

    devices = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name") for gpu in devices]
    if devices:
        return [Line(OK, f"GPU {i}: {name or 'no name'}") for i, name in enumerate(names)]
    return [Line(NOTE, "GPU: none", _why_no_gpu(tf.test.is_built_with_cuda()))]


def _why_no_gpu(built_with_cuda: bool) -> str:
    from stylegan_tf import machine

    if not built_with_cuda:
        return "this TensorFlow is made for CPUs only"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides all; unset it"
    if not machine.has_nvidia_driver():
        return (
            "no NVIDIA driver here; if there is an NVIDIA GPU, install its driver "
            "(in a container: docker run --gpus all)"
        )
    return (
        "there is an NVIDIA driver, but TensorFlow finds no GPU with it or lacks CUDA's "
        'libraries: pip install "tensorflow[and-cuda]", and see what nvidia-smi says'
    )


def onednn() -> list[Line]:
    """Checks that oneDNN is on."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0":
        return [Line(OK, "oneDNN: on")]
    return [Line(NOTE, "oneDNN: off", "unset TF_ENABLE_ONEDNN_OPTS; convolutions are slow now")]


def compiled_ops() -> list[Line]:
    """Checks the compiled ops, and on GPUs the CUDA kernels."""
    from stylegan_tf.backend_compat import tf
    from stylegan_tf.ops import library

    loaded = library.load()
    but = f"; plain TensorFlow under XLA: {loaded.xla_reason}" if loaded.xla_reason else ""
    lines = [Line(OK if loaded.module else NOTE, f"ops: {loaded.reason}{but}")]
    if tf.config.list_physical_devices("GPU"):
        lines.append(Line(OK if loaded.cuda else NOTE, f"ops on GPUs: {loaded.cuda_reason}"))
    return lines


def xla_cache() -> list[Line]:
    """Tells where XLA keeps what it has compiled."""
    from stylegan_tf.training import xla_cache

    size, place = xla_cache.size(), xla_cache.root()
    return [Line(OK, f"XLA's programs: {size / 1e6:.0f} MB in {place}, which may be deleted")]


def compilers() -> list[Line]:
    """Checks that the compilers of the ops are there."""
    from stylegan_tf.ops import build, build_cuda

    return [
        _compiler("C++", lambda: " ".join(build.find_compiler()), build.BuildError),
        _compiler("CUDA", build_cuda.find_nvcc, build.BuildError),
    ]


def _compiler(language: str, find: Callable[[], str], missing: type[Exception]) -> Line:
    try:
        return Line(OK, f"{language} compiler: {find()}")
    except missing as error:
        return Line(NOTE, str(error), "only `stylegan-tf ops build` needs it")


MACHINE_CHECKS: tuple[Check, ...] = (python, cpu, memory, disk, packages)
TENSORFLOW_CHECKS: tuple[Check, ...] = (gpus, onednn, compiled_ops, xla_cache, compilers)
