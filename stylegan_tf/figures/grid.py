"""Grids of images."""

from pathlib import Path

import numpy as np
from PIL import Image

from stylegan_tf.files import atomic_write

MIN_TILE = 64  # pixels; smaller images are enlarged by repeating theirs


def grid(images: np.ndarray, columns: int) -> np.ndarray:
    """Puts images side by side, row by row.

    Args:
        images: uint8 [N, H, W, C].
        columns: int. Missing images of the last row are left white.

    Returns:
        uint8 [rows·H, columns·W, C].
    """
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    tiles = np.full((rows * columns, height, width, channels), 255, np.uint8)
    tiles[:count] = images
    tiles = tiles.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * height, columns * width, channels)


def save_grid(images: np.ndarray, path: Path, columns: int, tile: int = MIN_TILE) -> None:
    """Writes a grid as PNG, its images enlarged to at least `tile` pixels."""
    factor = max(1, tile // images.shape[1])
    save_png(grid(images.repeat(factor, axis=1).repeat(factor, axis=2), columns), path)


def save_png(image: np.ndarray, path: Path) -> None:
    """Writes an image, uint8 [H, W, C] with 1, 3 or 4 channels, as PNG."""
    with atomic_write(path) as partial:
        to_pil(image).save(partial, format="PNG")


def to_pil(image: np.ndarray) -> Image.Image:
    """Returns an image, uint8 [H, W, C] with 1, 3 or 4 channels, as a PIL image."""
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
