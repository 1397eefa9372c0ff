"""What noise varies (paper, figure 4)."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.sheet import fitted, on_white, sheet
from stylegan_tf.figures.zoom import crop, liveliest, luminance, outlined, side_of

IMAGES = 2
REALISATIONS = 100  # as in the paper
CELL = 256  # pixels; there are few images
WHITE = 99  # percent of the deviations that are not yet white


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Draws for each of two seeds an image, four realisations zoomed, and their deviations.

    The k-th realisation of a seed has the noise of the seed k numbers on. The crop, framed in the
    image, is where noise changes most.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: if the network has no noise inputs.
    """
    sampler.require("noise")
    seeds = range(seed, seed + IMAGES)
    w = np.repeat(sampler.sample_styles(seeds).numpy(), REALISATIONS, axis=0)
    noise = [one + k for one in seeds for k in range(REALISATIONS)]
    stream = sampler.images(w, noise)
    results = [realisations(islice(stream, REALISATIONS)) for _ in seeds]

    white = np.percentile([deviation for _, deviation in results], WHITE)
    rows = [row(images, deviation, white) for images, deviation in results]
    top = [
        "image",
        "four realisations of noise, zoomed",
        f"deviation over {REALISATIONS} realisations, white: {white:.1f} of 255",
    ]
    return sheet(rows, top, list(map(sampler.caption, seeds)), cell=CELL)


def realisations(images: Iterator[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
    """Returns the first four, and the deviation of the luminance of all, float64 [H, W]."""
    first: list[np.ndarray] = []
    mean: np.ndarray | float = 0.0
    squares: np.ndarray | float = 0.0
    for count, image in enumerate(map(on_white, images), start=1):
        if len(first) < 4:
            first.append(image)
        value = luminance(image)
        step = value - mean  # Welford: no difference of large sums
        mean = mean + step / count
        squares = squares + step * (value - mean)
    return first, np.sqrt(squares / count)


def row(images: list[np.ndarray], deviation: np.ndarray, white: float) -> list[np.ndarray]:
    """Returns the three cells of an image."""
    side = side_of(len(deviation))
    corner = liveliest(deviation, side)
    image = outlined(fitted(images[0], CELL), corner, side, CELL / len(deviation))
    brightness = np.clip(deviation / max(white, 1e-6), 0, 1) * 255
    return [
        image,
        quartered([crop(image, corner, side) for image in images]),
        np.rint(brightness).astype(np.uint8)[..., None],
    ]


def quartered(images: list[np.ndarray]) -> np.ndarray:
    """Returns four images in one cell with a white cross between them, uint8 [CELL, CELL, 3]."""
    side = CELL // 2 - 1
    cell = np.full((CELL, CELL, 3), 255, np.uint8)
    for number, image in enumerate(images):
        y, x = (side + 2) * (number // 2), (side + 2) * (number % 2)
        cell[y : y + side, x : x + side] = fitted(image, side)
    return cell
