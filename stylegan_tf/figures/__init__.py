"""Pictures of pictures: grids, labelled sheets, the figures of the paper (one module each)."""

from stylegan_tf.figures.grid import grid, save_grid, save_png
from stylegan_tf.figures.sheet import sheet
from stylegan_tf.lazy import names_of

__all__ = ["Sampler", "grid", "save_grid", "save_png", "sheet"]
__getattr__ = names_of(__name__, {"Sampler": "sampler"})  # it needs the models, a grid does not
