"""The one thread that runs a model, and the requests that wait for it.

Requests to the same signature that wait at the same time are run together: an example's answer
depends on nothing else in its batch, and accelerators take many at once for the time of one.
TensorFlow's own batching op would have to be in the exported model.
"""

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class RunError(RuntimeError):
    """A run of the model failed; the cause of this error says why."""


@dataclass(eq=False)
class Job:
    """A call of a model's signature, and the future of its outputs.

    The future fails with `RunError` alone, whatever went wrong: event loops do not take every
    exception from another thread.
    """

    model: Any  # has run(signature, inputs) -> outputs
    signature: str
    inputs: dict[str, np.ndarray]  # each [N, …]
    future: Future = field(default_factory=Future)

    @property
    def size(self) -> int:
        """How many examples there are."""
        return len(next(iter(self.inputs.values())))

    def fits(self, other: "Job") -> bool:
        """Returns whether both can be run together."""
        return self.model is other.model and self.signature == other.signature


class Worker:
    """Runs jobs in a thread, in the order of their arrival.

    Args:
        batch: the most examples of jobs that are run together.
        observe: called with the number of examples of each run.
    """

    def __init__(self, batch: int, observe=lambda size: None):
        self._batch, self._observe = batch, observe
        self._waiting: list[Job] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Waits for the run in progress; what still waits is cancelled."""
        with self._changed:
            self._stopped = True
            for job in self._waiting:
                job.future.cancel()
            self._waiting.clear()
            self._changed.notify()
        self._thread.join()

    def submit(self, job: Job) -> None:
        """Adds a job after those that wait."""
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()

    def drop(self, job: Job) -> None:
        """Takes a job back that nobody waits for any more, unless it is being run."""
        with self._changed:
            if job in self._waiting:
                self._waiting.remove(job)

    def _work(self) -> None:
        while jobs := self._next():
            self._run(jobs)
            del jobs  # what they hold, a model perhaps, must not wait for the next ones

    def _next(self) -> list[Job]:
        """Returns the oldest job and others that fit it; none at the end."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                if self._stopped:
                    return []
                chosen: list[Job] = []
                room = self._batch
                for job in self._waiting:
                    if not chosen or (job.fits(chosen[0]) and job.size <= room):
                        chosen.append(job)
                        room -= job.size
                self._waiting = [job for job in self._waiting if job not in chosen]
                if live := [job for job in chosen if job.future.set_running_or_notify_cancel()]:
                    return live

    def _run(self, jobs: list[Job]) -> None:
        """Runs jobs together, and each alone if that fails: others are not to fail with one."""
        try:
            results = self._outputs(jobs)
        except BaseException as error:  # whatever it is, the thread must live for the next jobs
            if len(jobs) > 1:
                for job in jobs:
                    self._run([job])
            else:
                failure = RunError(f"{type(error).__name__}: {error}")
                failure.__cause__ = error
                jobs[0].future.set_exception(failure)
            return
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)

    def _outputs(self, jobs: list[Job]) -> list[dict[str, np.ndarray]]:
        names = jobs[0].inputs
        inputs = {name: np.concatenate([job.inputs[name] for job in jobs]) for name in names}
        ends = np.cumsum([job.size for job in jobs])
        self._observe(int(ends[-1]))
        outputs = jobs[0].model.run(jobs[0].signature, inputs)
        parts = {name: np.split(value, ends[:-1]) for name, value in outputs.items()}
        return [{name: part[index] for name, part in parts.items()} for index in range(len(jobs))]
