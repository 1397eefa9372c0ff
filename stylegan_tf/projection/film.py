"""The moments of a projection that are shown, and the frames of its film."""

import numpy as np

from stylegan_tf.figures.sheet import fitted

FRAMES, RATE = 240, 24  # of a film; a second
SHOWN = 6  # images of a sheet; FRAMES is a multiple
SMALLEST = 256  # pixels; smaller images are enlarged


def moments(steps: int, count: int) -> list[int]:
    """Returns how many steps are done at the start and at `count` moments after it."""
    return sorted({round(steps * number / count) for number in range(count + 1)})


def frame(target: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Returns the target and an image side by side, uint8 [R, R, C] each: uint8 [H, 2·H, 3]."""
    side = max(SMALLEST, len(target))
    return np.concatenate([fitted(target, side), fitted(image, side)], axis=1)
