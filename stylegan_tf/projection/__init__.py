"""Projects images into w by optimization, and generates images from the result."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "result": ["Projection", "load"],
        "projector": ["Projector", "project"],
        "settings": ["Settings"],
        "target": ["read_target"],
    },
)
