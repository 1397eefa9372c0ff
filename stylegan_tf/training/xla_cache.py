"""Where XLA keeps what it has compiled, so that the next process need not compile it again."""

import hashlib
import os
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import tensorflow as tf

from stylegan_tf import downloads, machine

VARIABLE = "TF_XLA_FLAGS"
# One that TensorFlow does not know would abort the process; this one is in 2.15 and in 2.21.
FLAG = "--tf_xla_persistent_cache_directory"
DRIVER = Path("/proc/driver/nvidia/version")
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
    return root() / f"{tf.__version__}-{kind}"


def keep() -> None:
    """Lets XLA keep its programs in `folder()`; call it before TensorFlow computes anything.

    A folder that is set in the environment stays, an empty one among them: nothing is kept then.
    Neither is it where the folder cannot be written to, which would be an error of every function
    that XLA compiles, or by older versions of TensorFlow.
    """
    flags = os.environ.get(VARIABLE, "")
    version = tuple(int(part) for part in tf.__version__.split(".")[:2])
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
    for gpu in tf.config.list_physical_devices("GPU"):
        yield str(sorted(tf.config.experimental.get_device_details(gpu).items()))
    if DRIVER.is_file():
        yield DRIVER.read_text(encoding="utf-8")
    for name in PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
