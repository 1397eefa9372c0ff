"""Where training runs: one device, all GPUs of this machine, or those of several machines."""

import contextlib
import signal
import threading

import tensorflow as tf

from stylegan_tf.training.cluster import Cluster, wait_for_workers
from stylegan_tf.training.config import STRATEGIES


def gpus() -> int:
    """Returns how many GPUs TensorFlow sees."""
    return len(tf.config.list_physical_devices("GPU"))


def replicas(name: str) -> int:
    """Returns how many replicas a strategy would have; all machines are taken to be like this one.

    Raises:
        ValueError: for "multi_worker" without a TF_CONFIG that it can run on.
    """
    workers = len(Cluster.of_environment().tasks) if name == "multi_worker" else 1
    return workers * (1 if name == "one_device" else max(gpus(), 1))


def make(name: str) -> tf.distribute.Strategy:
    """Makes a strategy; on machines without GPUs all run on the CPU.

    Args:
        name: `"one_device"` (the first GPU), `"mirrored"` (all of them) or `"multi_worker"` (those
            of all processes that TF_CONFIG names; it waits for them. TensorFlow must not have
            computed anything before).

    Raises:
        ValueError: for another name, or without a TF_CONFIG that it can run on.
        OSError: if this process cannot listen at its address.
    """
    if name not in STRATEGIES:
        raise ValueError(f"strategy is {name!r}; it can be one of {', '.join(STRATEGIES)}")
    devices = tf.config.list_physical_devices("GPU")
    with contextlib.suppress(RuntimeError):  # a GPU in use already stays as it is
        for gpu in devices:
            tf.config.experimental.set_memory_growth(gpu, True)
    if name == "one_device":
        return tf.distribute.OneDeviceStrategy("GPU:0" if devices else "CPU:0")
    if name == "mirrored":
        return tf.distribute.MirroredStrategy(None if devices else ["CPU:0"])
    return _multi_worker()


def _multi_worker() -> tf.distribute.Strategy:
    wait_for_workers(Cluster.of_environment())
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    if threading.current_thread() is threading.main_thread():
        # TensorFlow's server has taken SIGTERM from Python, and would do nothing about it.
        signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGTERM))
    return strategy
