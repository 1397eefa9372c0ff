"""Videos of a trained generator: paths through its latents, and the files they go into."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "scenes": ["frames"],
        "writing": ["write"],
    },
)
