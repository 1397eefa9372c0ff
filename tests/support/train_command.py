"""`stylegan-tf train`, for tests."""

import json
from pathlib import Path

import runs
from stylegan_tf.cli import main

TINY = [f"--set={key}={json.dumps(value)}" for key, value in runs.SETTINGS.items()]
TINY += ["--batch=4", "--set=schedule.tick_kimg={}"]  # not what the plan for this machine says


def train(*arguments) -> int:
    """The exit code of a command."""
    try:
        main(["train", *map(str, arguments)])
    except SystemExit as exit_:
        return exit_.code
    return 0


def refused(capsys, *arguments) -> str:
    """The one line of a command that ends with 2 and changes no file."""
    before = files()
    assert train(*arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert files() == before
    return line


def files() -> dict[Path, bytes]:
    """Every file below the working directory."""
    return {path: path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file()}
