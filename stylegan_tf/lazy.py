"""Names of a package that load on first use."""

import importlib
from collections.abc import Callable


def names_of(package: str, modules: dict[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package.

    Args:
        package: its `__name__`.
        modules: by each name, the module of the package that holds it.
    """

    def get(name: str):
        if name in modules:
            return getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
