"""What the processes of a multi-worker run have to agree on: when to stop, and what they train."""

import dataclasses
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from stylegan_tf.training.cluster import Cluster
from stylegan_tf.training.config import Config

# These may differ: files have other places on other machines, and the chief alone measures.
OWN = ("data.path", "init_from", "metrics", "output")
TASK = re.compile(r"/job:(\w+)/replica:\d+/task:(\d+)")


class WorkerLost(ConnectionError):
    """Another process of the run is gone."""


class Workers:
    """The processes of a strategy; where there is one, nothing is asked and nothing costs.

    Args:
        strategy: `tf.distribute.Strategy`.

    Attributes:
        chief: whether this process is the one that writes.
    """

    def __init__(self, strategy: tf.distribute.Strategy):
        self.strategy = strategy
        several = isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
        self.cluster = Cluster.of_environment() if several else None
        self.chief = not several or self.cluster.number == 0
        self._total = tf.function(self._sum_of_replicas, autograph=False)

    def any(self, flag: bool) -> bool:
        """Whether it is true on any worker. Each waits here for all the others."""
        if not self.cluster:
            return flag
        return bool(self._total(tf.constant([float(flag)], tf.float64))[0] > 0)

    def of_chief(self, numbers: list[int]) -> list[int]:
        """The chief's numbers, of less than 53 bits; a list of the same length everywhere."""
        if not self.cluster:
            return numbers
        mine = np.array(numbers, np.float64)
        found = self._total(tf.constant(mine if self.chief else np.zeros_like(mine)))
        replicas = self.strategy.num_replicas_in_sync // len(self.cluster.tasks)
        return [round(number / replicas) for number in found.numpy().tolist()]

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
        if self.cluster:
            problem = "was started with other options than the chief"
            numbers = fingerprints(config, dataset, initial)
            self.refuse_difference(problem, numbers, "start all with the same")

    @contextmanager
    def watched(self, advice: str) -> Iterator[None]:
        """Turns what TensorFlow says when a worker is gone into a line that ends with advice.

        Raises:
            WorkerLost: naming it, where TensorFlow does.
        """
        try:
            yield
        except tf.errors.OpError as error:
            if not self.cluster or "ollective" not in error.message:
                raise
            raise WorkerLost(
                f"{self._gone(error.message)} is gone (its output says why), "
                f"so {self.cluster.this} cannot go on; {advice}"
            ) from error

    def _gone(self, message: str) -> str:
        """The worker that TensorFlow misses, if it says which."""
        for kind, index in TASK.findall(message):
            if self.cluster.is_other(kind, int(index)):
                return self.cluster.called(kind, int(index))
        return "a worker"


def fingerprints(config: Config, dataset, initial) -> dict[str, int]:
    """A number for each thing that must be the same on all workers, by option or dotted key."""
    weights = initial.average.get_weights() if initial else []
    values = {
        "--data": dataset.fingerprint,
        "--init-from": [zlib.crc32(array.tobytes()) for array in weights],
    }
    for name, value in dataclasses.asdict(config).items():
        inner = value if isinstance(value, dict) else {}
        values |= {f"{name}.{key}": entry for key, entry in inner.items()} or {name: value}
    return {
        key: zlib.crc32(json.dumps(value, sort_keys=True).encode())
        for key, value in values.items()
        if not key.startswith(OWN)
    }
