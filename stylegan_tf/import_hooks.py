"""Something to be done around the import of a module, whoever imports it and when."""

import contextlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


class ImportHook(importlib.abc.MetaPathFinder):
    """Finds a module as the other finders do, with a loader that does something around it.

    Args:
        name: of the module.
        around: is called once, with a function that runs the code of the module.
    """

    def __init__(self, name: str, around: Callable[[Callable[[], None]], None]) -> None:
        self.name = name
        self.around = around

    def install(self) -> None:
        """Waits for the module from now on."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        """Waits no longer, if it did."""
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Returns the spec of the module, and None for all others."""
        if name != self.name:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self)
        return spec


class _Loader(importlib.abc.Loader):
    """Loads a module as its own loader does; the hook is out of the way from then on."""

    def __init__(self, loader: Any, hook: ImportHook) -> None:
        self._loader = loader
        self._hook = hook

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Returns what the module's own loader makes."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Runs the module's code, and what is to be done around it."""
        self._hook.remove()  # another thread or a failed import may have done it
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._hook.around(lambda: self._loader.exec_module(module))
