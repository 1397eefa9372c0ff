"""The processes of a multi-worker run, as the variable TF_CONFIG names them.

TensorFlow's `TFConfigClusterResolver` reads it, too, but does not say what is wrong with it.
"""

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from stylegan_tf.training.settings import SettingError

VARIABLE = "TF_CONFIG"
EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)
TASKS = ("chief", "worker")  # parameter servers and evaluators have no part in this
PATIENCE = 5.0  # seconds that an attempt to connect may take
PAUSE = 0.2  # seconds between attempts
print_at_once = partial(print, flush=True)  # into files, too


@dataclass(frozen=True)
class Cluster:
    """All workers, and which of them this process is.

    Attributes:
        tasks: "worker 0", … by number; the first is the chief, and if there is a task of that
            type it is called "chief".
        addresses: theirs, "host:port".
        number: of this process.
    """

    tasks: tuple[str, ...]
    addresses: tuple[str, ...]
    number: int

    @classmethod
    def of_environment(cls) -> "Cluster":
        """Reads TF_CONFIG.

        Raises:
            ValueError: if it is not set, or is nothing that training can run on.
        """
        try:
            return cls._parse(os.environ.get(VARIABLE, ""))
        except ValueError as error:
            raise SettingError(
                "strategy",
                f" multi_worker: {VARIABLE} {error}; it must look like {EXAMPLE} "
                "with another index for each process",
            ) from None

    @classmethod
    def _parse(cls, text: str) -> "Cluster":
        if not text:
            raise ValueError("is not set")
        try:
            parsed = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"is not JSON ({error})") from None
        spec, task = (_entry(parsed, name, dict) for name in ("cluster", "task"))
        if others := sorted(spec.keys() - TASKS):
            raise ValueError(f"has tasks of type {others[0]!r}, of which training has no use")
        lists = {kind: _entry(spec, kind, list) for kind in TASKS if kind in spec}
        if len(lists.get("chief", ())) > 1:
            raise ValueError("has more than one chief")
        addresses = [address for kind in lists for address in lists[kind]]
        if not addresses:
            raise ValueError("has no worker")
        for address in addresses:
            _check_address(address, addresses)
        tasks = [_name(kind, index) for kind in lists for index in range(len(lists[kind]))]
        return cls(tuple(tasks), tuple(addresses), tasks.index(_this_task(task, lists)))

    @property
    def this(self) -> str:
        """The name of this process."""
        return self.tasks[self.number]

    def is_other(self, kind: str, index: int) -> bool:
        """Returns whether a task is there and not this one."""
        return _name(kind, index) in self.tasks and _name(kind, index) != self.this

    def called(self, kind: str, index: int) -> str:
        """Returns a task by its type and index, as people know it: `worker 1 (host2:2222)`."""
        name = _name(kind, index)
        return f"{name} ({self.addresses[self.tasks.index(name)]})"

    def describe(self) -> str:
        """Returns who is who, in a line."""
        does = "writes and prints" if self.number == 0 else "computes, and writes nothing"
        return f"{', '.join(self.addresses)}; this is {self.this}, which {does}"


def _entry(table, name: str, kind: type):
    entry = table.get(name) if isinstance(table, dict) else None
    if not isinstance(entry, kind):
        words: dict[type, str] = {dict: "an object", list: "a list"}
        raise ValueError(f"has no {name!r} that is {words[kind]}")
    return entry


def _check_address(address, others: list) -> None:
    if others.count(address) > 1:
        raise ValueError(f"has the address {address!r} twice")
    host, _, port = str(address).rpartition(":")
    if not (host and port.isdecimal() and 0 < int(port) < 2**16):
        raise ValueError(f"has the address {address!r}, which is not HOST:PORT")


def _this_task(task: dict, lists: dict[str, list]) -> str:
    kind, index = task.get("type"), task.get("index")
    if kind not in TASKS:
        raise ValueError(f"has the task type {kind!r}; {' and '.join(TASKS)} can run")
    count = len(lists.get(kind, ()))
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
        raise ValueError(f"has the task index {index!r}, but {count} task(s) of type {kind!r}")
    return _name(kind, index)


def _name(kind: str, index: int) -> str:
    return kind if kind == "chief" else f"{kind} {index}"


def wait_for_workers(cluster: Cluster, message: Callable[[str], None] = print_at_once) -> None:
    """Returns when every worker can be reached.

    TensorFlow would wait, too, but hears no signal meanwhile. Each worker listens at its address;
    one that has reached all goes on, and TensorFlow's server takes its place there.

    Args:
        cluster: all of them.
        message: called once with a line about each worker that is not there yet.

    Raises:
        OSError: if this process cannot listen at its own address.
    """
    with _listening(cluster):
        for number, address in enumerate(cluster.addresses):
            if number == cluster.number or not (reason := _connection_error(address)):
                continue
            message(f"waiting for {cluster.tasks[number]} at {address} ({reason})")
            while _connection_error(address):
                time.sleep(PAUSE)


def _listening(cluster: Cluster) -> socket.socket:
    address = cluster.addresses[cluster.number]
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        port = int(address.rpartition(":")[2])
        return socket.create_server(("", port), family=family, dualstack_ipv6=both)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # Python repeats the address
        raise OSError(f"{VARIABLE}: {cluster.this} cannot listen at {address}: {reason}") from None


def _connection_error(address: str) -> str:
    """Why nobody answers at an address; "" if somebody does."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
