"""A progress bar for work on so many pictures: on a terminal a bar, elsewhere nothing."""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)


class Rate(ProgressColumn):
    """Pictures a second."""

    def render(self, task) -> str:
        """The text of the column."""
        return f"{task.speed:.0f}/s" if task.speed else ""


@contextlib.contextmanager
def pictures(what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function of (done, total) that moves the bar; the rate and ETA are shown."""
    console = Console(stderr=True)
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
