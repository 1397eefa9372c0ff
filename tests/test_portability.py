"""The package on Windows and macOS, as far as that can be told without them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import posix_only
from package_modules import MODULES
from stylegan_tf import machine
from stylegan_tf.datasets.atomic_directory import atomic_directory

HERE = Path(__file__).parent
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
ONLY = {"os": posix_only.OS, "signal": posix_only.SIGNAL}


def names_of_posix(tree: ast.AST) -> set[str]:
    """What POSIX alone has that a module uses without `hasattr`, or imports without `try`."""
    guarded = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            guarded |= {child for one in node.body for child in ast.walk(one)}
        elif isinstance(node, ast.IfExp | ast.If) and "hasattr" in ast.dump(node.test):
            guarded |= set(ast.walk(node))
    found = set()
    for node in set(ast.walk(tree)) - guarded:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & posix_only.MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module} & posix_only.MODULES
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & ONLY.get(node.value.id, set())
    return found


@pytest.mark.parametrize("name", MODULES)
def test_what_posix_alone_has_is_used_where_it_is(name):
    assert names_of_posix(TREES[name]) == set()


def test_that_would_be_noticed():
    source = "import resource\nos.fork()\nsignal.alarm(1)\n"
    guarded = "try:\n    import fcntl\nexcept ImportError:\n    pass\n"
    assert names_of_posix(ast.parse(source + guarded)) == {"resource", "fork", "alarm"}


@pytest.mark.parametrize("name", MODULES)
def test_text_is_utf_8_on_every_system(name):
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "read_text":
            assert "encoding" in {keyword.arg for keyword in node.keywords}, node.lineno


def test_every_module_is_imported_without_it():
    done = subprocess.run(
        [sys.executable, str(HERE / "support" / "without_posix.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) == len(MODULES) - 1


def test_the_machine_is_met_without_it(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert machine.cores() == os.cpu_count()
    assert machine.peak_memory() is None


def test_the_peak_of_memory_is_in_bytes():
    pytest.importorskip("resource", reason="this system does not tell")
    assert 1e7 < machine.peak_memory() < 1e12


def test_an_empty_folder_is_replaced_where_renaming_onto_it_fails(tmp_path, monkeypatch):
    rename = Path.rename

    def windows(self, target):
        if Path(target).exists():
            raise FileExistsError(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", windows)
    dest = tmp_path / "dest"
    dest.mkdir()
    with atomic_directory(dest, allow_empty=True) as folder:
        (folder / "file").write_text("")
    assert [path.name for path in dest.iterdir()] == ["file"]


def test_what_an_encoding_lacks_is_escaped():
    """As of pipes on Windows."""
    code = "from stylegan_tf.cli import main; main(['serve', '--help'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"Truncation \\u03c8" in done.stdout
