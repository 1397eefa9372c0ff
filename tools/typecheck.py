"""Checks the types of the whole package: python tools/typecheck.py [options of mypy]

The folders `ops/` and `datasets/` stand beside `stylegan_tf/`, but are installed inside of it, so
mypy gets a folder of links that looks like the installed package. Its configuration is in
pyproject.toml.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP_LEVEL = ("ops", "datasets")


def link_package(folder: Path) -> None:
    """Makes `folder/stylegan_tf`, which holds links to every part of the package."""
    package = folder / "stylegan_tf"
    package.mkdir()
    for part in [*(ROOT / "stylegan_tf").iterdir(), *(ROOT / name for name in TOP_LEVEL)]:
        (package / part.name).symlink_to(part)


def main(options: list[str]) -> int:
    """Runs mypy with its options and returns its exit code."""
    configuration = ["--config-file", str(ROOT / "pyproject.toml")]
    command = [sys.executable, "-m", "mypy", *configuration, "-p", "stylegan_tf", *options]
    with tempfile.TemporaryDirectory() as folder:
        link_package(Path(folder))
        cache = ["--cache-dir", str(ROOT / ".mypy_cache")]
        return subprocess.run([*command, *cache], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
