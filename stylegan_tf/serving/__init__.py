"""Serving: a trained generator as a SavedModel of stock ops, a server for it, a client.

Names load on first use: a client works without TensorFlow, and a server without our networks.
"""

from stylegan_tf.lazy import names_of

_NAMES = {"export": "saved_model", "Client": "client", "ServingError": "failures"}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
