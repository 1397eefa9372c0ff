"""The latent explorer: controls, the pictures they stand for, and a page in a browser."""

from stylegan_tf.lazy import names_of

# Names load on first use: a network here needs no client, and neither needs gradio.
_NAMES = {"Controls": "controls", "LocalSession": "local", "RemoteSession": "remote"}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
