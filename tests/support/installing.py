"""Installs copies of this project without its dependencies, which the running Python has."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PARTS = ["setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE"]
PARTS += ["stylegan_tf", "ops", "datasets"]
UNWANTED = shutil.ignore_patterns("lib", "__pycache__", "*.tfrecord*")  # the bundled images


def copy_of_the_tree(folder: Path) -> Path:
    """What an installation needs of this checkout, no library among it."""
    folder.mkdir()
    for name in PARTS:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=UNWANTED)
        else:
            shutil.copy(source, folder)
    return folder


@dataclass(frozen=True)
class Installer:
    """Runs pip where no compiler but a given one is found.

    Attributes:
        setuptools: a folder with a setuptools that can build this project.
        compiler: the environment's CXX; none by default.
    """

    setuptools: Path
    compiler: Path | None = None
    path: str = field(default_factory=lambda: str(Path(sys.executable).parent))

    def pip(self, *arguments, isolated: bool = False) -> str:
        """What pip prints; builds use the setuptools that is here unless they are isolated."""
        options = ["--no-deps"] if isolated else ["--no-deps", "--no-build-isolation"]
        pip = [sys.executable, "-m", "pip", *map(str, arguments), "-v", *options]
        done = subprocess.run(pip, env=self.environment(), **OUTPUT)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def build(self, tree: Path, hook: str) -> str:
        """Calls a hook of setuptools' for a tree and returns the name of what it made in dist/."""
        code = f"from setuptools import build_meta as b; print(b.{hook}('dist'))"
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=tree, env=self.environment(), **OUTPUT)
        assert done.returncode == 0, done.stdout
        return done.stdout.split()[-1]

    def environment(self) -> dict[str, str]:
        """Of the processes that build."""
        kept = {name: value for name, value in os.environ.items() if name != "CXX"}
        compiler = {"CXX": str(self.compiler)} if self.compiler else {}
        return {**kept, **compiler, "PATH": self.path, "PYTHONPATH": str(self.setuptools)}


OUTPUT = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "check": False}


def python(code: str, site: Path, executable: str = sys.executable) -> str:
    """What a new interpreter prints that finds this project in a folder, and all else as usual."""
    environment = {**os.environ, "PYTHONPATH": str(site), "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("STYLEGAN_TF_OPS", None)
    command = [executable, "-c", code]
    done = subprocess.run(
        command, cwd=site, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
