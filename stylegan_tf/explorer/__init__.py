"""The latent explorer: controls, the pictures they stand for, and a page in a browser."""

import importlib

# Names load on first use: a network here needs no client, and neither needs gradio.
_NAMES = {"Controls": "controls", "LocalSession": "local", "RemoteSession": "remote"}

__all__ = list(_NAMES)


def __getattr__(name: str):
    if name in _NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
