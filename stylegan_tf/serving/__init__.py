"""Serving: a trained generator as a SavedModel of stock ops, a server for it, a client.

Names load on first use: a client works without TensorFlow, and a server without our networks.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "saved_model": ["export"],
        "client": ["Client"],
        "failures": ["ServingError"],
    },
)
