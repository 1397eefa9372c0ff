"""Networks that make features of pictures, which metrics compare."""

from stylegan_tf.lazy import names_of

_NAMES = {
    "FeatureNetwork": "network",
    "load_network": "loading",
}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
