"""A folder that is made in one run or in several: what a stopped one leaves, the next goes on from.

It stands beside its destination under a hidden name, with `state.json`: which job it is, and how
far that has come. A job is a dict of plain values, by the names that people know them by; only the
same job goes on.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .atomic_directory import clear_away, name_file, parents_to_make, refuse_existing
from .errors import DatasetError

STATE = "state.json"
ASIDE = "state.tmp"


@dataclass(frozen=True)
class Unfinished:
    """A folder on its way to its destination.

    Attributes:
        folder: where to write.
        job: what is being made.
        done: how many things earlier runs have seen to.
        bad: lines about those that could not be used.
        files: (how many things, bytes, SHA-256 if it is closed) by file name, as saved.
    """

    folder: Path
    job: dict
    done: int = 0
    bad: list[str] = field(default_factory=list)
    files: dict[str, list] = field(default_factory=dict)

    def save(self, done: int, bad: list[str], files: dict[str, list]) -> None:
        """Notes how far it has come; the files must hold what is noted."""
        tree = {"job": self.job, "done": done, "bad": bad, "files": files}
        (self.folder / ASIDE).write_text(json.dumps(tree), encoding="utf-8")
        (self.folder / ASIDE).replace(self.folder / STATE)


@contextlib.contextmanager
def unfinished(dest: Path, job: dict, say: Callable[[str], None]) -> Iterator[Unfinished]:
    """Gives a folder that becomes `dest` at the end.

    After an error nothing is left. After KeyboardInterrupt, or the death of the process, what was
    saved stays for the next call with an equal `job`; `say` is told when that is so.

    Raises:
        DatasetError: if `dest` exists, or another process is making it.
    """
    refuse_existing(dest)
    made = parents_to_make(dest)
    folder = dest.parent / f".{dest.name}.unfinished"
    folder.mkdir(parents=True, exist_ok=True)
    with only_process(folder, dest):
        try:
            yield earlier(folder, dest, job, say)
            for name in (STATE, ASIDE):
                (folder / name).unlink(missing_ok=True)
            folder.rename(dest)
        except Exception as error:
            clear_away(folder, made)
            name_file(error, dest)
            raise
        except BaseException:  # Ctrl-C
            if not (folder / STATE).exists():
                clear_away(folder, made)
            raise


@contextlib.contextmanager
def only_process(folder: Path, dest: Path) -> Iterator[None]:
    """Holds a lock on the folder, which its process cannot leave behind."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DatasetError(f"{dest} is being made by another process") from None
        yield
    finally:
        os.close(descriptor)


def earlier(folder: Path, dest: Path, job: dict, say: Callable[[str], None]) -> Unfinished:
    """What an earlier run left, if it can be gone on with; an empty folder otherwise."""
    if not any(folder.iterdir()):
        return Unfinished(folder, job)
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        differing = differences(state.pop("job"), job)
        found = Unfinished(folder, job, **state)
        whole = all((folder / f).stat().st_size >= size for f, (_, size, _) in found.files.items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        whole, differing = False, []
    if whole and not differing:
        say(f"{dest}: going on where it was stopped, after {found.done:,} pictures")
        return found
    reason = f"{' and '.join(differing)} changed" if differing else "what was left is damaged"
    say(f"{dest}: starting afresh, not where it was stopped: {reason}")
    for file in folder.iterdir():  # the folder itself is locked
        file.unlink()
    return Unfinished(folder, job)


def differences(before: dict, now: dict) -> list[str]:
    """What makes one job another."""
    return [key for key in {**before, **now} if before.get(key) != now.get(key)]
