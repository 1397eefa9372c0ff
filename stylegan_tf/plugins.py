"""Modules of the user's that register losses, metrics and the like."""

import importlib
from collections.abc import Iterable

from stylegan_tf.messages import first_line


def import_plugins(modules: Iterable[str]) -> None:
    """Imports modules, so that what they register can be named.

    Args:
        modules: dotted names, as `--plugin` and `plugins` of a configuration have them.

    Raises:
        ValueError: if one cannot be imported.
    """
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # whatever a module raises
            raise ValueError(f"--plugin {name} cannot be imported: {first_line(error)}") from error
