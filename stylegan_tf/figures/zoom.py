"""Crops that show what noise does."""

import numpy as np
from PIL import Image, ImageDraw

MIN_SIDE = 8  # pixels


def side_of(resolution: int) -> int:
    """The side of a crop: an eighth of the picture's, but at least 8 pixels where it has them."""
    return min(resolution, max(MIN_SIDE, resolution // 8))


def liveliest(amount: np.ndarray, side: int) -> tuple[int, int]:
    """Where a square has the largest sum of `amount` [H, W], (row, column) of its corner."""
    sums = np.pad(amount.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    squares = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    row, column = np.unravel_index(squares.argmax(), squares.shape)
    return int(row), int(column)


def crop(image: np.ndarray, corner: tuple[int, int], side: int) -> np.ndarray:
    """A square of a picture [H, W, C]."""
    row, column = corner
    return image[row : row + side, column : column + side]


def outlined(image: np.ndarray, corner: tuple[int, int], side: int, scale: float) -> np.ndarray:
    """A picture, uint8 [H, W, 3], with a red frame around the square of one `scale` times smaller.

    The frame is two pixels wide and lies inside the picture, outside the square where it can.
    """
    page = Image.fromarray(image)
    row, column = (round(edge * scale) for edge in corner)
    end_row, end_column = (round((edge + side) * scale) for edge in corner)
    last = len(image) - 1
    frame = (max(column - 2, 0), max(row - 2, 0), min(end_column + 1, last), min(end_row + 1, last))
    ImageDraw.Draw(page).rectangle(frame, outline="red", width=2)
    return np.asarray(page)


def luminance(image: np.ndarray) -> np.ndarray:
    """Of RGB [H, W, 3] by ITU-R 601, float64 [H, W] in [0, 255]."""
    return image @ np.array([0.299, 0.587, 0.114])
