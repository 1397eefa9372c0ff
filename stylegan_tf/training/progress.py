"""What a person sees while it trains: bars on a terminal, plain lines elsewhere and in log.txt."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from stylegan_tf.training.schedule import Schedule


class Reporter:
    """Prints lines, keeps them in `log.txt`, and draws two bars, the stage's and the run's.

    Args:
        schedule: the run's `Schedule`.
        log: path of `log.txt`.
        console: where to print; None for standard output.
    """

    def __init__(self, schedule: Schedule, log: Path, console: Console | None = None):
        self.schedule = schedule
        self.log = log
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.clock = Clock(schedule)
        self.bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[amount]}"),
            TextColumn("{task.fields[rate]} ETA {task.fields[eta]}"),
            console=self.console,
            disable=not self.console.is_terminal,
            refresh_per_second=4,
        )
        empty = {"amount": "", "rate": "", "eta": "--", "total": 1}
        self.stage_bar = self.bars.add_task("", **empty)
        self.total_bar = self.bars.add_task("total", **empty)

    def __enter__(self) -> "Reporter":
        self.bars.start()
        return self

    def __exit__(self, *_) -> None:
        self.bars.stop()

    def line(self, text: str) -> None:
        """One line, on the console and in the log."""
        self.console.print(text, markup=False)
        with self.log.open("a", encoding="utf-8") as file:
            file.write(text + "\n")

    def advance(self, kimg: float, images: int, seconds: float, resolution: int) -> None:
        """Moves the bars after so many images in so many seconds."""
        self.clock.add(resolution, images, seconds)
        stage = self.schedule.stage(kimg)
        rate = f"{images / seconds:.0f} img/s {1000 * seconds / images:.2f} s/kimg"
        self.bars.update(
            self.stage_bar,
            description=f"{'fade' if stage.fading else 'train'} {stage.resolution}²",
            total=stage.end_kimg - stage.start_kimg,
            completed=kimg - stage.start_kimg,
            amount=f"{kimg - stage.start_kimg:.1f}/{stage.end_kimg - stage.start_kimg:g} kimg",
            rate=rate,
            eta=duration(self.clock.remaining(kimg, stage.end_kimg)),
        )
        total = self.schedule.config.total_kimg
        eta = duration(self.clock.remaining(kimg, total))
        amount = f"{kimg:.1f}/{total:g} kimg"
        self.bars.update(self.total_bar, total=total, completed=kimg, amount=amount, eta=eta)

    @contextmanager
    def progress(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A bar for other work; gives a function to call with (done, total) pictures."""
        bar = self.bars.add_task(what, amount="", rate="", eta="--", total=None)
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


class Clock:
    """Seconds per kimg by resolution, and what they say of the time that is left."""

    # An unseen resolution is taken to cost so many times the one below it.
    GROWTH = 3.0

    def __init__(self, schedule: Schedule):
        self.schedule = schedule
        self.seconds_per_kimg: dict[int, float] = {}
        self.started = time.perf_counter()

    def add(self, resolution: int, images: int, seconds: float) -> None:
        """Takes note of a measurement; a running mean, since machines are shared."""
        now = 1000 * seconds / images
        before = self.seconds_per_kimg.get(resolution, now)
        self.seconds_per_kimg[resolution] = 0.9 * before + 0.1 * now

    def cost(self, resolution: int) -> float:
        """Seconds per kimg at a resolution, measured or guessed from the highest measured one."""
        if resolution in self.seconds_per_kimg or not self.seconds_per_kimg:
            return self.seconds_per_kimg.get(resolution, 0.0)
        known = max(self.seconds_per_kimg)
        steps = (resolution // known).bit_length() - 1
        return self.seconds_per_kimg[known] * self.GROWTH**steps

    def remaining(self, kimg: float, until: float) -> float:
        """Seconds from one image count to another."""
        seconds = 0.0
        for stage in self.schedule.stages():
            share = min(until, stage.end_kimg) - max(kimg, stage.start_kimg)
            seconds += max(share, 0.0) * self.cost(stage.resolution)
        return seconds


def duration(seconds: float) -> str:
    """Seconds in words: 45s, 3m 20s, 2h 05m, 3d 04h."""
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60:02d}s"
    if seconds < 86400:
        return f"{seconds // 3600}h {seconds % 3600 // 60:02d}m"
    return f"{seconds // 86400}d {seconds % 86400 // 3600:02d}h"
