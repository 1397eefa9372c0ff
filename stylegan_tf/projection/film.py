"""When a projection is looked at, and the frames of its film."""

import numpy as np

from stylegan_tf.figures.sheet import fitted

FRAMES, RATE = 240, 24  # of a film; a second
SHOWN = 6  # pictures of a sheet; FRAMES is a multiple
SMALLEST = 256  # pixels; smaller pictures are enlarged


def looks(steps: int, count: int) -> list[int]:
    """How many steps are done at `count` moments after the start, and at it."""
    return sorted({round(steps * number / count) for number in range(count + 1)})


def frame(target: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """The target and a picture side by side, uint8 [R, R, C] each: uint8 [H, 2·H, 3]."""
    side = max(SMALLEST, len(target))
    return np.concatenate([fitted(target, side), fitted(picture, side)], axis=1)
