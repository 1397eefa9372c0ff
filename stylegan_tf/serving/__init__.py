"""Serving: a trained generator as a SavedModel of stock ops, a server for it, a client.

Names load on first use: a client works without TensorFlow, and a server without our networks.
"""

import importlib

_NAMES = {"export": "saved_model", "Client": "client", "ServingError": "failures"}

__all__ = list(_NAMES)


def __getattr__(name: str):
    if name in _NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
