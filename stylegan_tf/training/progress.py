"""What a person sees while it trains: lines on the console and in log.txt, bars on a terminal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


class Reporter:
    """Prints lines, keeps them in `log.txt`, and holds the bars of a terminal.

    It is a context, in which the bars are shown.

    Args:
        log: path of `log.txt`.
        console: where to print; None for standard output.
    """

    def __init__(self, log: Path, console: Console | None = None):
        self.log = log
        self.console = console or Console(highlight=False, soft_wrap=True, emoji=False)
        self.bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[amount]}"),
            TextColumn("{task.fields[rate]} ETA {task.fields[eta]}"),
            console=self.console,
            disable=not self.console.is_terminal,
            refresh_per_second=4,
        )

    def __enter__(self) -> "Reporter":
        self.bars.start()
        return self

    def __exit__(self, *_) -> None:
        self.bars.stop()

    def line(self, text: str) -> None:
        """Prints a line, and adds it to the log."""
        self.console.print(text, markup=False)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    @contextmanager
    def progress(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """Shows a bar for other work; gives a function to call with (done, total) images."""
        bar = self.bars.add_task(title, amount="", rate="", eta="--", total=None)
        started = time.perf_counter()

        def update(done: int, total: int) -> None:
            seconds = time.perf_counter() - started
            self.bars.update(
                bar,
                completed=done,
                total=total,
                amount=f"{done:,}/{total:,}",
                rate=f"{done / seconds:.0f} img/s",
                eta=duration((total - done) * seconds / max(done, 1)),
            )

        try:
            yield update
        finally:
            self.bars.remove_task(bar)


def thousands(kimg: float) -> str:
    """Returns thousands of images with one decimal place, or as many as tell the image: 0.256."""
    return max(f"{kimg:.1f}", f"{kimg:.3f}".rstrip("0"), key=len)


def duration(seconds: float) -> str:
    """Returns seconds in words: 45s, 3m 20s, 2h 05m, 3d 04h; a `timedelta` is longer."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60:02d}s"
    if seconds < 86400:
        return f"{seconds // 3600}h {seconds % 3600 // 60:02d}m"
    return f"{seconds // 86400}d {seconds % 86400 // 3600:02d}h"
