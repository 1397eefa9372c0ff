"""Progress of work on so many images: a bar on a terminal, elsewhere a line now and then.

Rich has bars for terminals; a log file wants lines, and few of them.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

QUIET = 5.0  # seconds between lines where there is no terminal


@contextmanager
def progress_of(what: str, unit: str = "images") -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with (done, total)."""
    if not sys.stderr.isatty():
        yield lines_of(what, unit)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Eta

    rate = TextColumn(f"{{task.fields[rate]}} {unit}/s")
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), rate, Eta())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="–")

        def update(done: int, total: int) -> None:
            if bar.tasks[0].total is None:  # the first: what an earlier run has done took no time
                bar.reset(task, completed=done)
            rate = f"{bar.tasks[0].speed or 0:,.0f}"
            bar.update(task, completed=done, total=total, rate=rate)

        yield update


def lines_of(what: str, unit: str = "images") -> Callable[[int, int], None]:
    """Returns a function of (done, total) that prints a line every few seconds."""
    start = last = time.monotonic()
    before = None  # done by an earlier run, which took no time now

    def update(done: int, total: int) -> None:
        nonlocal last, before
        before = done - 1 if before is None else before
        now = time.monotonic()
        if now - last < QUIET:
            return
        last, rate = now, (done - before) / (now - start)
        left = f"{(total - done) / rate:.0f} s left"
        click.echo(f"{what}: {done} of {total}, {rate:,.0f} {unit}/s, {left}", err=True)

    return update
