"""Pictures of pictures."""

from stylegan_tf.figures.grid import grid, save_grid, save_png

__all__ = ["grid", "save_grid", "save_png"]
