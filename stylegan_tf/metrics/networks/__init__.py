"""Networks that make features of images, which metrics compare."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "network": ["FeatureNetwork"],
        "loading": ["load_network"],
    },
)
