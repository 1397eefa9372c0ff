"""The libraries of the extra `serving`."""

import importlib.util

REMEDY = "pip install 'stylegan-tf[serving]'"


def need(*modules: str) -> None:
    """Raises ImportError with what to install, where one of the modules is missing."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(f"{', '.join(missing)} not installed here: {REMEDY}")
