"""Where training runs, and what its processes agree on.

It runs on one device, on all GPUs of this machine, or on those of several machines, whose processes
agree on when to stop, and on what they train.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from stylegan_tf import machine
from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.training.cluster import Cluster, wait_for_workers
from stylegan_tf.training.config import STRATEGIES, Config

# These may differ: files have other places on other machines, and the chief alone measures.
OWN = ("data.path", "init_from", "metrics", "output")
TASK = re.compile(r"/job:(\w+)/replica:\d+/task:(\d+)")


def gpus() -> int:
    """Returns how many GPUs TensorFlow sees; it is not imported to see none."""
    if "tensorflow" not in sys.modules and not machine.may_have_gpu():
        return 0
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


class WorkerLost(ConnectionError):
    """Another process of the run is gone."""


class SingleWorker:
    """The only process of a run: it agrees with itself, which costs nothing.

    Args:
        strategy: `tf.distribute.Strategy`.

    Attributes:
        is_chief: whether this process is the one that writes.
        evaluation_strategy: on whose replicas it measures.
    """

    is_chief = True

    def __init__(self, strategy: tf.distribute.Strategy):
        self.strategy = strategy
        self.evaluation_strategy = strategy

    def any(self, flag: bool) -> bool:
        """Returns the flag."""
        return flag

    def refuse_difference(self, problem: str, numbers: dict[str, int], advice: str) -> None:
        """Does nothing: there is no other worker."""

    def refuse_other_options(self, config: Config, dataset, initial) -> None:
        """Does nothing: there is no other worker."""

    def watched(self, advice: str) -> AbstractContextManager:
        """Returns a context in which errors stay as they are."""
        return contextlib.nullcontext()


class ClusterWorker:
    """One of several processes, which wait for each other in every call of `any`.

    Args:
        strategy: `tf.distribute.MultiWorkerMirroredStrategy`.
        cluster: all of them.

    Attributes:
        is_chief: whether this process is the one that writes.
        evaluation_strategy: None: the chief measures alone, on one device.
    """

    evaluation_strategy = None

    def __init__(self, strategy: tf.distribute.Strategy, cluster: Cluster):
        self.strategy = strategy
        self.cluster = cluster
        self.is_chief = cluster.number == 0
        self._total = tf.function(self._sum_of_replicas, autograph=False)

    def any(self, flag: bool) -> bool:
        """Returns whether the flag is true on any worker, once all have come here."""
        return bool(self._total(tf.constant([float(flag)], tf.float64))[0] > 0)

    def of_chief(self, numbers: list[int]) -> list[int]:
        """Returns the chief's numbers, of less than 53 bits; each worker gives as many."""
        mine = np.array(numbers, np.float64)
        total = self._total(tf.constant(mine if self.is_chief else np.zeros_like(mine)))
        replicas = self.strategy.num_replicas_in_sync // len(self.cluster.tasks)
        return [round(number / replicas) for number in total.numpy().tolist()]

    def _sum_of_replicas(self, values):
        return self.strategy.reduce("SUM", self.strategy.run(tf.identity, (values,)), axis=None)

    def refuse_difference(self, problem: str, numbers: dict[str, int], advice: str) -> None:
        """Compares numbers with the chief's, those of the same names.

        Raises:
            ValueError: on all workers, if they differ on some.
        """
        chief = self.of_chief(list(numbers.values()))
        names = [name for name, one in zip(numbers, chief, strict=True) if numbers[name] != one]
        if not self.any(bool(names)):
            return
        who = f"{self.cluster.this} {problem}: {', '.join(names)}"
        raise ValueError(f"{who if names else f'another worker {problem}'}; {advice}")

    def refuse_other_options(self, config: Config, dataset, initial) -> None:
        """Raises ValueError on all workers if they are not to train the same."""
        problem = "was started with other options than the chief"
        numbers = fingerprints(config, dataset, initial)
        self.refuse_difference(problem, numbers, "start all with the same")

    @contextmanager
    def watched(self, advice: str) -> Iterator[None]:
        """Turns TensorFlow's error about a lost worker into a line that ends with advice.

        Raises:
            WorkerLost: naming it, where TensorFlow does.
        """
        try:
            yield
        except tf.errors.OpError as error:
            if "ollective" not in error.message:
                raise
            raise WorkerLost(
                f"{self._lost(error.message)} is gone (its output says why), "
                f"so {self.cluster.this} cannot go on; {advice}"
            ) from error

    def _lost(self, message: str) -> str:
        """The worker that TensorFlow misses, if it says which."""
        for kind, index in TASK.findall(message):
            if self.cluster.is_other(kind, int(index)):
                return self.cluster.called(kind, int(index))
        return "a worker"


Workers = SingleWorker | ClusterWorker


def workers_of(strategy: tf.distribute.Strategy) -> Workers:
    """Returns this process's part among those of a strategy."""
    if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return ClusterWorker(strategy, Cluster.of_environment())
    return SingleWorker(strategy)


def fingerprints(config: Config, dataset, initial) -> dict[str, int]:
    """Returns a number for each thing that must be equal on all workers, by option or key."""
    weights = initial.generator_ema.get_weights() if initial else []
    values = {
        "--data": dataset.fingerprint,
        "--init-from": [zlib.crc32(array.tobytes()) for array in weights],
    }
    values |= config.leaves()
    return {
        key: zlib.crc32(json.dumps(value, sort_keys=True).encode())
        for key, value in values.items()
        if not key.startswith(OWN)
    }
