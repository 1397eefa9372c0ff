"""The process that a command runs in: what it writes to stderr, its signals, its socket."""

import importlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

from stylegan_tf import keras_registration
from stylegan_tf.import_hooks import ImportHook

RESUMABLE = 75  # EX_TEMPFAIL: stopped by a signal, what was done is kept
SIGNALS = (signal.SIGTERM, signal.SIGINT)
# Where they are installed, Keras and TensorFlow import these for what no command asks of them:
# scikit-learn's interface, tables as data, plots. That is a third of the time that both take.
NEEDLESS = ("matplotlib", "pandas", "scipy", "sklearn")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def load_tensorflow() -> None:
    """Imports TensorFlow; what it prints meanwhile is shown only on failure."""
    expect_tensorflow()
    with stderr_aside(), as_if_missing(NEEDLESS):
        importlib.import_module("stylegan_tf.backend_compat")


def expect_tensorflow() -> None:
    """Lets TensorFlow be imported where it is needed, if it is; that prints nothing, either.

    While it is imported, and when it first looks for GPUs, TensorFlow writes lines about oneDNN
    and CUDA straight to the file behind stderr, whatever log level is set.
    """
    keras_registration.leave_keras()
    if "tensorflow" not in sys.modules:
        _HOOK.install()


def _quietly(import_tensorflow: Callable[[], None]) -> None:
    with stderr_aside(), as_if_missing(NEEDLESS):
        import_tensorflow()
        sys.modules["tensorflow"].config.list_physical_devices("GPU")


_HOOK = ImportHook("tensorflow", _quietly)


@contextmanager
def as_if_missing(packages: Iterable[str]) -> Iterator[None]:
    """Packages that are not imported yet cannot be imported inside, as if not installed."""
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # Python refuses to import it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@contextmanager
def stderr_aside() -> Iterator[None]:
    """Hides what libraries write to stderr inside, unless something fails that is not ours.

    `contextlib.redirect_stderr` catches what Python writes, and nothing of C++.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except ValueError:  # it says all that there is to say
            raise
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM stops what runs inside as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def signals_call(stop: Callable[[], None]) -> Iterator[None]:
    """The first SIGTERM or Ctrl-C calls `stop`; another one ends what runs inside at once."""
    is_stopping = False

    def handle(number, frame) -> None:
        nonlocal is_stopping
        if is_stopping:
            raise KeyboardInterrupt
        is_stopping = True
        stop()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def listening(host: str, port: int) -> socket.socket:
    """Returns a socket that takes connections; they wait until the model is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]  # Python repeats the address
        raise click.UsageError(
            f"cannot listen at {host}, port {port}: {reason}; give another --port or --host"
        ) from None


def address(host: str, port: int) -> str:
    """Returns the start of every URL there."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
