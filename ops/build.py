"""Compiles the CPU ops with a C++ compiler alone, without TensorFlow or its headers.

The kernels use TensorFlow's C API, which is stable, so one library works with every TensorFlow.
`stylegan-tf ops build` compiles without an installation in progress, which the extension modules of
setuptools need. setup.py loads this file by its path where TensorFlow is not installed, so it
imports neither TensorFlow nor anything of the package.
"""

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNELS = HERE / "kernels"
LIB = HERE / "lib"
FAILED = "build-failed.txt"  # beside the libraries: the error of a failed build
FLAGS = ["-std=gnu++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
FLAGS += ["-fPIC", "-fvisibility=hidden", "-pthread"]
FRAMEWORK = "libtensorflow_framework.so.2"
LOG_LINES = 15


class BuildError(RuntimeError):
    """A library could not be built.

    Args:
        what: one line that says what failed.
        command: the command that failed, if any.
        log: the output of that command, of which the end is kept.
    """

    def __init__(self, what: str, command: Iterable[str] = (), log: str = "") -> None:
        lines = [what]
        if command:
            lines.append(f"command: {shlex.join(command)}")
        super().__init__("\n".join(lines + log.strip().splitlines()[-LOG_LINES:]))


def run(command: list[str]) -> str:
    """Runs a command and returns its output, stderr included.

    Raises:
        BuildError: if it cannot be started or fails.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        what = f"{command[0]} could not be started: {error.strerror}"
        raise BuildError(what, command) from error
    if done.returncode:
        what = f"{Path(command[0]).name} failed with exit code {done.returncode}"
        raise BuildError(what, command, done.stdout)
    return done.stdout


def digest(paths: Iterable[Path], extra: str = "") -> str:
    """Returns 8 hexadecimal digits of a SHA-256 over names and contents of files and a text."""
    total = hashlib.sha256(extra.encode())
    for path in sorted(paths, key=lambda path: path.name):
        content = path.read_bytes()
        total.update(f"\0{path.name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:8]


def find_compiler() -> list[str]:
    """Returns the C++ compiler as the start of a command: CXX, or one on the PATH.

    Raises:
        BuildError: if there is none.
    """
    if os.environ.get("CXX"):
        return shlex.split(os.environ["CXX"])
    for name in ("c++", "g++", "clang++"):
        if path := shutil.which(name):
            return [path]
    raise BuildError("no C++ compiler was found: no c++, g++ or clang++ on the PATH, CXX not set")


def cpu_library_name() -> str:
    """Returns the file name of the library, which depends on the kernels and flags here."""
    sources = [*KERNELS.glob("*.h"), *KERNELS.glob("*.cc")]
    return f"stylegan_tf_cpu-{digest(sources, ' '.join(FLAGS))}.so"


def places() -> list[Path]:
    """Returns the folders with libraries, in the order of search: the package, the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return [LIB, Path(cache) / "stylegan-tf" / "lib"]


def place_to_build() -> Path:
    """Returns the first of the places that can be written to, else the cache."""
    return next((place for place in places() if _writable(place)), places()[-1])


def build_cpu(directory: Path) -> Path:
    """Compiles the CPU ops into a directory and removes libraries of other sources from it.

    A failure leaves its text there in `build-failed.txt`, until a build succeeds.

    Returns:
        The library's path.

    Raises:
        BuildError: if there is no compiler, it fails, or the directory cannot be written to.
    """
    library = Path(directory) / cpu_library_name()
    try:
        make(library, _compile)
    except BuildError as error:
        with contextlib.suppress(OSError):
            library.with_name(FAILED).write_text(f"{error}\n", encoding="utf-8")
        raise
    library.with_name(FAILED).unlink(missing_ok=True)
    for other in library.parent.glob("stylegan_tf_cpu-*.so"):
        if other != library:
            other.unlink(missing_ok=True)
    return library


def make(library: Path, compile_in: Callable[[Path], Path]) -> None:
    """Compiles a library and renames it to its place, so that it is complete or not there.

    Args:
        library: its path; directories are made as needed.
        compile_in: makes the library in an empty directory and returns its path.

    Raises:
        BuildError: if `compile_in` does, or the directory cannot be written to.
    """
    try:
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=library.parent) as work:
            compile_in(Path(work)).replace(library)
    except OSError as error:
        raise BuildError(f"{error.filename or library.parent}: {error.strerror}") from error


def _compile(work: Path) -> Path:
    if not sys.platform.startswith("linux"):
        raise BuildError(f"the compiled ops are for Linux only so far; this is {sys.platform}")
    compiler = find_compiler()
    sources = sorted(KERNELS.glob("*.cc"))
    if not sources:
        raise BuildError(f"{KERNELS} holds no sources")

    def compile_one(source: Path) -> str:
        compiled = str(work / f"{source.stem}.o")
        run([*compiler, *FLAGS, "-c", str(source), "-o", compiled])
        return compiled

    # Not `machine.cores`: setup.py has no package to import that from.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(compile_one, sources))
    # The library must list TensorFlow's, which has the C API, as needed. The loader finds the one
    # in the process by its soname, so a stub of that soname is enough to link against.
    stub, built = str(work / FRAMEWORK), work / "built.so"
    run([*compiler, "-shared", f"-Wl,-soname,{FRAMEWORK}", "-x", "c++", os.devnull, "-o", stub])
    run([*compiler, "-shared", "-pthread", *objects, "-Wl,--no-as-needed", stub, "-o", str(built)])
    return built


def _writable(folder: Path) -> bool:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(nearest, os.W_OK)
