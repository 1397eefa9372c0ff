"""The latent explorer: controls, the images they stand for, and a page in a browser."""

import lazy_loader

# Names load on first use: a network here needs no client, and neither needs gradio.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "controls": ["Controls"],
        "local": ["LocalSession"],
        "remote": ["RemoteSession"],
    },
)
