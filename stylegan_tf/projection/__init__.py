"""A picture into w by optimization, and pictures from what was found."""

from stylegan_tf.lazy import names_of

_NAMES = {
    "Projection": "result",
    "Projector": "projector",
    "Settings": "settings",
    "load": "result",
    "project": "projector",
    "read_target": "target",
}

__all__ = list(_NAMES)
__getattr__ = names_of(__name__, _NAMES)
