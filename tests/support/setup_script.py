"""What setup.py gives to setuptools."""

import runpy
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
# As much as it imports of them: setuptools is missing, or too old, in some environments.
MODULES = {
    "setuptools": {"find_packages": lambda *_, **__: []},
    "setuptools.command.bdist_wheel": {"bdist_wheel": object},
    "setuptools.command.build_py": {"build_py": object},
}


def arguments(monkeypatch, repository: str | None = None) -> SimpleNamespace:
    """The arguments of `setup`.

    Args:
        monkeypatch: pytest's.
        repository: OWNER/NAME, as GitHub says it where it builds.
    """
    given = {}
    for name, attributes in MODULES.items():
        module = ModuleType(name)
        vars(module).update(attributes, setup=given.update)
        monkeypatch.setitem(sys.modules, name, module)
    if repository is None:
        monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    else:
        monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    runpy.run_path(str(ROOT / "setup.py"))
    return SimpleNamespace(**given)
