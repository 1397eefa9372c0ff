"""Grids of images, labelled sheets, the figures of the paper (one module each)."""

import lazy_loader

from stylegan_tf.figures.grid import grid, save_grid, save_png
from stylegan_tf.figures.sheet import sheet

__all__ = ["Sampler", "grid", "save_grid", "save_png", "sheet"]
# It needs the models; a grid does not.
__getattr__, _, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "sampler": ["Sampler"],
    },
)
