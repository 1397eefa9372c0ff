"""What noise of which layers does (paper, figure 5)."""

import numpy as np

from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.scales import scales, span
from stylegan_tf.figures.sheet import fitted, on_white, sheet
from stylegan_tf.figures.zoom import crop, liveliest, luminance, outlined, side_of

IMAGES = 2
CELL = 256  # pixels; there are few images


def draw(sampler: Sampler, seed: int = 0) -> np.ndarray:
    """Draws two seeds with noise in all layers, in none, in the fine and in the coarse ones.

    Fine is what `scales` calls so, coarse everything before. Below each image is a part of it,
    zoomed: the one where noise in all layers changes most.

    Returns:
        uint8 [H, W, 3].

    Raises:
        ValueError: if the network has no noise inputs.
    """
    sampler.require("noise")
    parts = noisy_layers(sampler)
    seeds = range(seed, seed + IMAGES)
    each = len(parts)
    w = np.repeat(sampler.sample_styles(seeds).numpy(), each, axis=0)
    noisy = list(parts.values()) * IMAGES
    images = [*map(on_white, sampler.images(w, np.repeat(seeds, each), noisy))]

    rows = []
    for start in range(0, len(images), each):
        rows += row_and_zooms(images[start : start + each])
    left = [text for one in seeds for text in (sampler.caption(one), "zoom")]
    return sheet(rows, list(parts), left, cell=CELL)


def noisy_layers(sampler: Sampler) -> dict[str, range]:
    """Returns the layers that get noise, by the label of the column."""
    sides = [height for height, _ in sampler.generator.noise_shapes()]
    fine = scales(sides).get("fine", range(0))
    coarse = range(len(sides) - len(fine))
    parts = {"noise in all layers": range(len(sides)), "no noise": range(0)}
    if fine:
        parts[f"fine layers only ({span(fine, sides)})"] = fine
        parts[f"coarse layers only ({span(coarse, sides)})"] = coarse
    return parts


def row_and_zooms(images: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Returns images of one seed with the crop framed, and the crops."""
    resolution = len(images[0])
    side = side_of(resolution)
    everywhere, nowhere = map(luminance, images[:2])
    corner = liveliest(abs(everywhere - nowhere), side)
    framed = [outlined(fitted(image, CELL), corner, side, CELL / resolution) for image in images]
    return [framed, [crop(image, corner, side) for image in images]]
