"""Makes `keras.models.load_model` know our classes once the package is imported.

Keras finds the classes of a file by names that must be registered before; newer versions of Keras 3
import no module that a file names. Registering takes Keras, and Keras takes TensorFlow, which
`import stylegan_tf` is not to wait for. So our classes follow Keras: at once where it is imported
already, or else as the last step of its import.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any


def follow_keras() -> None:
    """Registers our classes with Keras, now or when it is imported."""
    if "keras" in sys.modules:
        _register()
    elif not any(isinstance(finder, _KerasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _KerasFinder())


def leave_keras() -> None:
    """Undoes `follow_keras` where Keras is not imported yet.

    It is for programs that import our networks where they need them, as commands do: TensorFlow
    imports Keras, and a server of exported models is not to wait for classes that it never uses.
    """
    sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, _KerasFinder)]


def _register() -> None:
    # With a backend or a TensorFlow that we do not run on, Keras must work nevertheless: what is
    # wrong is said where our networks are used.
    with contextlib.suppress(ImportError):
        importlib.import_module("stylegan_tf.models")


class _KerasFinder(importlib.abc.MetaPathFinder):
    """Finds Keras as the other finders do, with a loader that registers our classes after it."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """Returns the spec of Keras, and None for all other modules."""
        if name != "keras":
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        specs = (finder.find_spec(name, path, target) for finder in others)
        spec = next((spec for spec in specs if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _KerasLoader(spec.loader, self)
        return spec


class _KerasLoader(importlib.abc.Loader):
    """Loads Keras as its own loader does, and then our classes; afterwards it is out of the way."""

    def __init__(self, loader: Any, finder: _KerasFinder) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Returns what Keras's loader makes."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Runs Keras's code, and registers."""
        with contextlib.suppress(ValueError):  # another thread or a failed import has done it
            sys.meta_path.remove(self._finder)
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _register()
