"""A folder that is made in one run or in several: what a stopped run leaves, the next resumes.

It stands beside its destination under a hidden name, with `state.json`: which job it is, and how
far that has come. A job is a dict of plain values, by the names that people know them by; only the
same job resumes.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .atomic_directory import clear_away, name_file, parents_to_make, refuse_existing
from .errors import DatasetError

STATE = "state.json"
TEMPORARY_STATE = "state.tmp"


@dataclass(frozen=True)
class ResumableDirectory:
    """A folder on its way to its destination.

    Attributes:
        folder: where to write.
        job: what is being made.
        done: how many things earlier runs have done.
        bad: lines about those of them that cannot be used.
        files: (how many things, bytes, SHA-256 if it is closed) by file name, as saved.
    """

    folder: Path
    job: dict[str, Any]
    done: int = 0
    bad: list[str] = field(default_factory=list)
    files: dict[str, list[Any]] = field(default_factory=dict)

    def save(self, done: int, bad: list[str], files: dict[str, list[Any]]) -> None:
        """Notes how far it has come; the files must hold what is noted."""
        tree = {"job": self.job, "done": done, "bad": bad, "files": files}
        (self.folder / TEMPORARY_STATE).write_text(json.dumps(tree), encoding="utf-8")
        (self.folder / TEMPORARY_STATE).replace(self.folder / STATE)


@contextlib.contextmanager
def resumable_directory(
    dest: Path, job: dict[str, Any], say: Callable[[str], None]
) -> Iterator[ResumableDirectory]:
    """Gives a folder that becomes `dest` at the end.

    After an error nothing is left. After KeyboardInterrupt, or the death of the process, what was
    saved stays for the next call with an equal `job`; `say` is called with a line about it.

    Raises:
        DatasetError: if `dest` exists, or another process is making it.
    """
    refuse_existing(dest)
    made = parents_to_make(dest)
    folder = dest.parent / f".{dest.name}.unfinished"
    folder.mkdir(parents=True, exist_ok=True)
    with only_process(folder, dest):
        try:
            yield resumed(folder, dest, job, say)
            for name in (STATE, TEMPORARY_STATE):
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


def resumed(
    folder: Path, dest: Path, job: dict[str, Any], say: Callable[[str], None]
) -> ResumableDirectory:
    """Returns what an earlier run left, if it can be resumed; an empty folder otherwise."""
    if not any(folder.iterdir()):
        return ResumableDirectory(folder, job)
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        differing = differences(state.pop("job"), job)
        work = ResumableDirectory(folder, job, **state)
        complete = all(
            (folder / file).stat().st_size >= size for file, (_, size, _) in work.files.items()
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        complete, differing = False, []
    if complete and not differing:
        say(f"{dest}: going on where it was stopped, after {work.done:,} images")
        return work
    reason = f"{' and '.join(differing)} changed" if differing else "what was left is damaged"
    say(f"{dest}: starting afresh, not where it was stopped: {reason}")
    for file in folder.iterdir():  # the folder itself is locked
        file.unlink()
    return ResumableDirectory(folder, job)


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Returns the keys whose values make one job another."""
    return [key for key in {**before, **now} if before.get(key) != now.get(key)]
