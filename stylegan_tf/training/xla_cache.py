"""Where XLA keeps what it has compiled, so that the next process need not compile it again."""

import hashlib
import os
import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from stylegan_tf import downloads, machine

VARIABLE = "TF_XLA_FLAGS"
# One that TensorFlow does not know would abort the process; this one is in 2.15 and in 2.21.
FLAG = "--tf_xla_persistent_cache_directory"
DRIVER = Path("/proc/driver/nvidia")
TENSORFLOW = ("tensorflow", "tensorflow-cpu")  # names of the package
# With 2.15 compiling fails as soon as a folder is set; the versions between were not tried.
MIN_TENSORFLOW = (2, 21)
# What XLA does not tell apart by itself, and programs depend on: cuDNN chooses convolutions.
PACKAGES = ("nvidia-cudnn-cu12", "nvidia-cudnn-cu13")


def root() -> Path:
    """Returns the folder of all that is kept, in the cache of the user."""
    return downloads.cache() / "xla"


def folder() -> Path:
    """Returns the folder for this machine, its driver and this TensorFlow."""
    kind = hashlib.sha256("\0".join(_machine()).encode()).hexdigest()[:8]
    return root() / f"{tensorflow_version()}-{kind}"


def tensorflow_version() -> str:
    """Returns the version that is installed, "0" if it is not known; TensorFlow is not imported."""
    return next(filter(None, map(_version, TENSORFLOW)), "0")


def keep() -> None:
    """Lets XLA keep its programs in `folder()`; call it before TensorFlow looks for its devices.

    A folder that is set in the environment stays, an empty one among them: nothing is kept then.
    Neither is it where the folder cannot be written to, which would be an error of every function
    that XLA compiles, or by older versions of TensorFlow.
    """
    flags = os.environ.get(VARIABLE, "")
    version = tuple(int(part) for part in re.findall(r"\d+", tensorflow_version())[:2])
    if FLAG in flags or version < MIN_TENSORFLOW:
        return
    place = folder()
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    if " " not in str(place) and os.access(place, os.W_OK):  # at which flags are split
        os.environ[VARIABLE] = f"{flags} {FLAG}={place}".strip()


def size() -> int:
    """Returns the bytes of all that is kept."""
    return sum(path.stat().st_size for path in root().rglob("*") if path.is_file())


def _machine() -> Iterable[str]:
    yield machine.cpu_model()
    yield from machine.vector_extensions()
    for file in [*DRIVER.glob("version"), *sorted(DRIVER.glob("gpus/*/information"))]:
        text = file.read_text(encoding="utf-8")
        yield re.sub(r"(?m)^(GPU UUID|Bus Location|Device Minor|IRQ).*", "", text)
    yield from (f"{name} {_version(name)}" for name in PACKAGES)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
