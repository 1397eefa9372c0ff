"""Crops that show what noise does."""

import numpy as np
from PIL import Image, ImageDraw

MIN_SIDE = 8  # pixels


def side_of(resolution: int) -> int:
    """Returns the side of a crop: an eighth of the image's, at least 8 pixels if it has them."""
    return min(resolution, max(MIN_SIDE, resolution // 8))


def liveliest(amount: np.ndarray, side: int) -> tuple[int, int]:
    """Returns the corner (row, column) of the square with the largest sum of `amount` [H, W]."""
    sums = np.pad(amount.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    squares = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    row, column = np.unravel_index(squares.argmax(), squares.shape)
    return int(row), int(column)


def crop(image: np.ndarray, corner: tuple[int, int], side: int) -> np.ndarray:
    """Returns a square of an image [H, W, C]."""
    row, column = corner
    return image[row : row + side, column : column + side]


def outlined(image: np.ndarray, corner: tuple[int, int], side: int, scale: float) -> np.ndarray:
    """Returns an image, uint8 [H, W, 3], with a red frame around a square of a smaller one.

    The frame is two pixels wide and lies inside the image, outside the square where it can.
    """
    page = Image.fromarray(image)
    row, column = (round(edge * scale) for edge in corner)
    end_row, end_column = (round((edge + side) * scale) for edge in corner)
    last = len(image) - 1
    frame = (max(column - 2, 0), max(row - 2, 0), min(end_column + 1, last), min(end_row + 1, last))
    ImageDraw.Draw(page).rectangle(frame, outline="red", width=2)
    return np.asarray(page)


def luminance(image: np.ndarray) -> np.ndarray:
    """Returns the luminance of RGB [H, W, 3] by ITU-R 601, float64 [H, W] in [0, 255]."""
    return image @ np.array([0.299, 0.587, 0.114])
