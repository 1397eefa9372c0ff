"""Workers wait for each other before TensorFlow does, which heeds no signal while it waits."""

import socket
import time
from collections.abc import Callable
from functools import partial

from stylegan_tf.training.cluster import VARIABLE, Cluster

PATIENCE = 5.0  # seconds that an attempt to connect may take
PAUSE = 0.2  # seconds between attempts
tell = partial(print, flush=True)  # at once, into files, too


def gather(cluster: Cluster, say: Callable[[str], None] = tell) -> None:
    """Returns when every worker can be reached.

    Each listens at its address meanwhile; a worker that has seen all goes on, and TensorFlow's
    server takes its place there.

    Args:
        cluster: all of them.
        say: told once about each worker that is not there yet.

    Raises:
        OSError: if this process cannot listen at its own address.
    """
    with _listening(cluster):
        for number, address in enumerate(cluster.addresses):
            if number == cluster.number or not (reason := _missing(address)):
                continue
            say(f"waiting for {cluster.tasks[number]} at {address} ({reason})")
            while _missing(address):
                time.sleep(PAUSE)


def _listening(cluster: Cluster) -> socket.socket:
    address = cluster.addresses[cluster.number]
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    try:
        port = int(address.rpartition(":")[2])
        return socket.create_server(("", port), family=family, dualstack_ipv6=both)
    except OSError as error:
        reason = error.strerror.partition(" (")[0]  # Python repeats the address
        raise OSError(f"{VARIABLE}: {cluster.this} cannot listen at {address}: {reason}") from None


def _missing(address: str) -> str:
    """Why nobody answers there; nothing if somebody does."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
