"""Modules of users that register losses, penalties, metrics and others.

Entry points would need a module to be installed; this one is a file of somebody's experiment.
"""

import importlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def load(names: Iterable[str]) -> None:
    """Imports modules, each from `sys.path` or else from the current directory.

    Args:
        names: dotted names, such as "my_losses".

    Raises:
        ValueError: with one line that names the module, if it cannot be imported.
    """
    folder = str(Path.cwd())
    for name in names:
        if name.endswith(".py") or os.sep in name:
            raise ValueError(
                f"plugin {name!r}: give a module, such as {Path(name).stem!r}, not a file"
            )
        if folder not in sys.path:
            sys.path.append(folder)
        importlib.invalidate_caches()
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # whatever a module of somebody else raises
            if os.environ.get("STYLEGAN_TF_DEBUG"):
                raise
            raise ValueError(f"plugin {name!r}: {_reason(error, name)}") from error


def _reason(error: BaseException, name: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name in _parents(name):
        return "there is no such module, neither on the Python path nor in the current directory"
    if isinstance(error, ValueError) and not isinstance(error, SyntaxError):
        return _one_line(error)
    return f"{type(error).__name__}: {_one_line(error)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _parents(name: str) -> list[str]:
    """Returns the parents of a module and itself: "a.b" → ["a", "a.b"]."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
