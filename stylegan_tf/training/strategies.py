"""Where training runs: one device, or all GPUs of this machine."""

import contextlib

import tensorflow as tf

from stylegan_tf.training.config import STRATEGIES


def gpus() -> int:
    """How many GPUs TensorFlow sees."""
    return len(tf.config.list_physical_devices("GPU"))


def replicas(name: str) -> int:
    """How many replicas a strategy would have on this machine."""
    return max(gpus(), 1) if name == "mirrored" else 1


def make(name: str) -> tf.distribute.Strategy:
    """Makes a strategy; on a machine without GPUs both run on the CPU.

    Args:
        name: `"one_device"` (the first GPU) or `"mirrored"` (all of them).

    Raises:
        ValueError: for another name.
    """
    if name not in STRATEGIES:
        raise ValueError(f"strategy is {name!r}; it can be one of {', '.join(STRATEGIES)}")
    found = tf.config.list_physical_devices("GPU")
    with contextlib.suppress(RuntimeError):  # a GPU in use already stays as it is
        for gpu in found:
            tf.config.experimental.set_memory_growth(gpu, True)
    if name == "one_device":
        return tf.distribute.OneDeviceStrategy("GPU:0" if found else "CPU:0")
    return tf.distribute.MirroredStrategy(None if found else ["CPU:0"])
