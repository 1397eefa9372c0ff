"""Commands that can be stopped, and go on later."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

RESUMABLE = 75  # EX_TEMPFAIL: stopped by a signal, what was done is kept


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """SIGTERM stops what runs inside as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
