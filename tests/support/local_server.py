"""The local server for tests: in a thread of this process, or as the command."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests
import uvicorn

from command_line import COMMAND
from stylegan_tf.serving.limits import Limits
from stylegan_tf.serving.server import Server
from stylegan_tf.serving.versions import Versions


@contextlib.contextmanager
def in_thread(dest: Path, limits: Limits | None = None, versions=None):
    """The address of a model's server in this process."""
    limits = limits or Limits()
    app = Server(dest.name, versions or Versions(dest, limits.batch), limits).app
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:  # pytest would wait for the thread
            server.should_exit = True
            thread.join(timeout=30)
        assert not thread.is_alive()


@contextlib.contextmanager
def as_command(dest: Path, *options):
    """`stylegan-tf serve` in a process of its own, and its address."""
    command = [sys.executable, "-c", COMMAND, "serve", str(dest), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lines = [process.stdout.readline() for _ in range(2)]
        if "http://" not in lines[1]:
            raise AssertionError(f"it did not start: {lines}, {process.stderr.read()}")
        yield process, lines[1].partition("/v1/")[0]
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=30)
        finally:
            process.kill()
            process.stdout.close()
            process.stderr.close()


def metric(url: str, name: str) -> float:
    """One of the server's numbers."""
    for line in requests.get(f"{url}/metrics", timeout=30).text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return 0.0


def until(true, seconds=20.0) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def connection(url: str) -> socket.socket:
    """A bare connection to a server."""
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def head(model: str, length: int) -> bytes:
    """The start of a request whose body is so long."""
    lines = [f"POST /v1/models/{model}:predict HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()
