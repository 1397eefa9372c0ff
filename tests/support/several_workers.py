"""Runs of several processes on this machine, which talk to each other through localhost."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import runs

PROGRAM = Path(__file__).with_name("trained_weights.py")
LIMIT = 240  # seconds, on a busy machine; nothing here takes longer than some ten on a quiet one

# 8×8 from the start: one graph to trace. Ticks end after 16, 32 … images of 8 a call.
TINY = runs.SETTINGS | {
    "schedule.start_resolution": 8,
    "schedule.total_kimg": 0.064,
    "schedule.tick_kimg": {},
    "schedule.batch": {},
    "discriminator.mbstd_group_size": 2,
    "output.snapshot_ticks": 1,
}
ARGUMENTS = ["--mirror", "--cond"] + [f"--set={key}={json.dumps(it)}" for key, it in TINY.items()]


class Worker:
    """A process of a run; what it prints goes to a file of its own."""

    def __init__(self, process: subprocess.Popen, out: Path):
        self.process = process
        self.out = out

    @property
    def text(self) -> str:
        return self.out.read_text()

    def says(self, requested: str) -> None:
        """Waits for it to print something."""
        until = time.monotonic() + LIMIT
        while requested not in self.text:
            assert time.monotonic() < until and self.process.poll() is None, self.text
            time.sleep(0.05)

    def ends(self) -> int:
        """Waits for its end; gives its exit code."""
        return self.process.wait(LIMIT)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)


def addresses(count: int) -> list[str]:
    """Ports of this machine that nobody uses."""
    with ExitStack() as stack:
        result = [stack.enter_context(socket.create_server(("", 0))) for _ in range(count)]
        return [f"localhost:{one.getsockname()[1]}" for one in result]


def config(workers: list[str], index: int) -> str:
    """TF_CONFIG of one of some workers."""
    task = {"type": "worker", "index": index}
    return json.dumps({"cluster": {"worker": workers}, "task": task})


@contextmanager
def started(folder: Path, *commands: list) -> Iterator[list[Worker]]:
    """One worker for each list of arguments of trained_weights.py; all end with this.

    Each has a working directory `folder/NUMBER` of its own.
    """
    names, workers = addresses(len(commands)), []
    try:
        for index, command in enumerate(commands):
            place = folder / str(index)
            place.mkdir(exist_ok=True)
            variables = {"TF_CONFIG": config(names, index), "CUDA_VISIBLE_DEVICES": ""}
            out = folder / f"{index}.txt"
            with out.open("w") as file:
                process = subprocess.Popen(
                    [sys.executable, PROGRAM, *map(str, command)],
                    cwd=place,
                    env=os.environ | variables,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            workers.append(Worker(process, out))
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.process.wait()
