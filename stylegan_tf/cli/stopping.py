"""Commands that can be stopped, and go on later."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

RESUMABLE = 75  # EX_TEMPFAIL: stopped by a signal, what was done is kept
SIGNALS = (signal.SIGTERM, signal.SIGINT)


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
