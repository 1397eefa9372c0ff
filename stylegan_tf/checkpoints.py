"""The checkpoints of a run: the newest one that is whole, and reading it.

TensorFlow's own file of what there is, `checkpoint`, is not asked: it knows nothing of files that
were cut short or are gone, as after a full disk or a copy that was broken off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stylegan_tf.lazy_tensorflow import tf
from stylegan_tf.messages import first_line, notice
from stylegan_tf.plain_paths import plain_path

FOLDER = "checkpoints"  # of a run directory
FILE = re.compile(r"ckpt-(\d+)\.(?:index|data-\d{5}-of-\d{5})")


def newest(run: Path, say: Callable[[str], None] = notice) -> Path | None:
    """Returns the newest whole checkpoint of a run, as TensorFlow names it; None without any.

    Args:
        run: the run directory.
        say: is called with a line about newer ones that are damaged.

    Raises:
        ValueError: if all are damaged.
    """
    problems: list[str] = []
    for checkpoint in _newest_first(Path(run) / FOLDER):
        problem = damage(checkpoint)
        if problem is None:
            if problems:
                say(f"{problems[0]}; {checkpoint.name}, the newest whole one, is taken")
            return checkpoint
        problems.append(f"{checkpoint} is damaged ({problem})")
    if problems:
        raise ValueError(f"{problems[0]}, and there is no whole one before it; start a new run")
    return None


def damage(checkpoint: Path) -> str | None:
    """Returns what is wrong with a checkpoint in a few words; all of it is read."""
    try:
        reader = tf.train.load_checkpoint(readable(checkpoint))
        for name in reader.get_variable_to_shape_map():
            reader.get_tensor(name)  # compares checksums
    except Exception as error:  # the reader raises whatever C++ says
        if not checkpoint.with_name(f"{checkpoint.name}.index").exists():
            return f"{checkpoint.name}.index is missing"
        if not list(checkpoint.parent.glob(f"{checkpoint.name}.data-*")):
            return f"{checkpoint.name}.data-… is missing"
        return first_line(error).replace(readable(checkpoint), checkpoint.name)
    return None


def readable(checkpoint: Path) -> str:
    """Returns the path of a checkpoint for TensorFlow's functions."""
    return f"{plain_path(checkpoint.parent)}/{checkpoint.name}"


def number(checkpoint: Path) -> int:
    """Returns the number of a checkpoint; the next one that is written has the next."""
    return int(checkpoint.name.rpartition("-")[2])


def read(checkpoint: Path, name: str) -> np.ndarray:
    """Returns a variable by its key in a checkpoint."""
    return tf.train.load_checkpoint(readable(checkpoint)).get_tensor(name)


def restore(parts: Mapping[str, Any], checkpoint: Path) -> None:
    """Reads a checkpoint into what is there; it may have more.

    Args:
        parts: what is read, by its key in the checkpoint.
        checkpoint: as `newest` gives it.

    Raises:
        ValueError: with a line that says why, if it is damaged or of other networks.
    """
    root = tf.train.Checkpoint()
    try:
        status = root.restore(readable(checkpoint)).expect_partial()
        for key, part in parts.items():  # read now: TensorFlow warns of no rest where that fails
            setattr(root, key, part)
        status.assert_existing_objects_matched()
    except (AssertionError, LookupError, TypeError, ValueError, tf.errors.OpError) as error:
        raise ValueError(first_line(error)) from error


def manager(run: Path, objects: tf.train.Checkpoint, keep: int) -> tf.train.CheckpointManager:
    """Returns what writes checkpoints of a run, and deletes the older ones.

    Args:
        run: the run directory.
        objects: what is saved.
        keep: how many checkpoints stay.
    """
    return tf.train.CheckpointManager(objects, f"{plain_path(run)}/{FOLDER}", keep)


def _newest_first(folder: Path) -> list[Path]:
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    numbers = {int(match[1]) for match in map(FILE.fullmatch, names) if match}
    return [folder / f"ckpt-{number}" for number in sorted(numbers, reverse=True)]
