"""Old names that people may have typed: they work for one release, with a warning.

Python's `warnings.deprecated` marks functions and classes, but no name of a module.
"""

import importlib
import warnings
from collections.abc import Callable
from typing import Any


def warn(old: str, new: str, stacklevel: int = 3) -> None:
    """Warns that `old` is called `new` now."""
    warnings.warn(
        f"{old} is now {new}; the old name goes with the next release",
        DeprecationWarning,
        stacklevel=stacklevel,
    )


def deprecated_attributes(
    package: str, names: dict[str, str], otherwise: Callable[[str], Any]
) -> Callable[[str], Any]:
    """Returns the `__getattr__` of a package some of whose names have changed.

    Args:
        package: its `__name__`.
        names: by each old name, where its object is now: "stylegan_tf.backend_compat" for a module,
            "stylegan_tf.importing:UnsupportedCheckpointError" for an attribute of one.
        otherwise: the `__getattr__` for all other names.
    """

    def get(name: str) -> Any:
        if name not in names:
            return otherwise(name)
        module, _, attribute = names[name].partition(":")
        warn(f"{package}.{name}", names[name].replace(":", "."))
        target_module = importlib.import_module(module)
        return getattr(target_module, attribute) if attribute else target_module

    return get
