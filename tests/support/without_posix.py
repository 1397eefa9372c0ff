"""Imports every module of the package where what POSIX alone has is hidden, and prints how many.

Other packages are imported before: they take this system for what it is.
"""

import ast
import contextlib
import importlib
import os
import signal
import sys

from package_modules import MODULES as OURS
from posix_only import MODULES, OS, SIGNAL


def imported(source: str) -> set[str]:
    """What a module imports of other packages, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] != "stylegan_tf"}


def main() -> None:
    for path in OURS.values():
        for name in sorted(imported(path.read_text(encoding="utf-8"))):
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    for name in MODULES:
        sys.modules[name] = None
    for module, names in ((os, OS), (signal, SIGNAL)):
        for name in names & set(dir(module)):
            delattr(module, name)
    count = 0
    for name in OURS:
        if name == "stylegan_tf.__main__":
            continue
        try:
            importlib.import_module(name)
        except ImportError as error:  # of an extra that is not installed
            if (error.name or "").split(".")[0] in ("stylegan_tf", *MODULES):
                raise
        count += 1
    print(count)


if __name__ == "__main__":
    main()
