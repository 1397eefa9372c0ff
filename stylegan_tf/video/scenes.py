"""What a video shows: the frames of each kind."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from stylegan_tf.figures.mixing import mix
from stylegan_tf.figures.sampler import Sampler
from stylegan_tf.figures.scales import scales
from stylegan_tf.figures.sheet import fitted, sheet
from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.video.paths import arc, arc_loop, line_loop, spline_loop

MIN_SIDE = 256  # pixels; smaller images are enlarged by repeating theirs
MAX_PANEL = 512  # pixels; five images side by side must suit players


def frames(
    kind: str, sampler: Sampler, seeds: Sequence[int], steps: int
) -> tuple[int, Iterator[np.ndarray]]:
    """Generates the frames of a loop: after the last comes the first.

    Args:
        kind: `"z"` (great arcs from z to z), `"w"` (a spline through w), `"mixing"` (the first seed
            with coarse, middle or fine styles of the others, on a spline through theirs) or
            `"noise"` (the first seed with noise on great arcs through that of all seeds). The first
            three have the noise that the network stores.
        sampler: of the network.
        seeds: two or more; for `"mixing"` three or more.
        steps: frames from one seed to the next, at least 1.

    Returns:
        how many, and the frames, uint8 [H, W, 3] with H at least 256.

    Raises:
        ValueError: if the network has no such inputs, or there are too few seeds.
    """
    if kind not in KINDS:
        raise ValueError(f"there are no {kind!r} videos; there are {', '.join(KINDS)}")
    scene = KINDS[kind]
    if scene.needs:
        try:
            sampler.require(scene.needs)
        except ValueError as error:
            raise ValueError(f"a {kind} video: {error}; a z video goes with any network") from None
    if len(seeds) < scene.seeds:
        raise ValueError(f"--seeds: a {kind} video needs {scene.seeds} or more, not {len(seeds)}")
    keys = len(seeds) - 1 if kind == "mixing" else len(seeds)
    return keys * steps, scene.generate(sampler, seeds, steps)


def along_z(sampler: Sampler, seeds: Sequence[int], steps: int) -> Iterator[np.ndarray]:
    """Generates frames on great arcs between latents, and on lines between their labels.

    Raises:
        ValueError: if a w takes the place of a seed: it has no z.
    """
    if sampler.found:
        raise ValueError("a z video goes from z to z, and a found w has none; take --kind w")
    z = arc_loop(z_from_seeds(seeds, sampler.generator.latent_size).numpy(), steps)
    keys = sampler.labels_of(seeds)
    labels = None if keys is None else line_loop(keys, steps)
    w = sampler.truncate(sampler.generator.mapping(z, labels), sampler.psi, sampler.cutoff)
    return map(enlarged, sampler.images(w, seeds=None))


def along_w(sampler: Sampler, seeds: Sequence[int], steps: int) -> Iterator[np.ndarray]:
    """Generates frames on a spline through the styles."""
    w = spline_loop(sampler.sample_styles(seeds).numpy(), steps)
    return map(enlarged, sampler.images(w, seeds=None))


def mixing(sampler: Sampler, seeds: Sequence[int], steps: int) -> Iterator[np.ndarray]:
    """Generates B on a spline through the other seeds, and what the first takes from it."""
    w_a, *keys = sampler.sample_styles(seeds).numpy()  # [L, w_size] each
    parts = scales(sampler.generator.style_sides())
    names = ["B", *(f"{name} from B" for name in parts), "A"]
    cell = min(max(sampler.resolution, MIN_SIDE), MAX_PANEL)
    for w_b in spline_loop(np.stack(keys), steps):
        mixed = [mix(w_a, w_b[None], layers)[0] for layers in parts.values()]
        images = sampler.synthesize(np.stack([w_b, *mixed, w_a]), "constant")
        yield sheet([list(images)], names, cell=cell)


def through_noise(sampler: Sampler, seeds: Sequence[int], steps: int) -> Iterator[np.ndarray]:
    """Generates one w under noise that moves on great arcs: it stays normally distributed."""
    w = sampler.sample_styles(seeds[:1])
    for pair in zip(seeds, [*seeds[1:], seeds[0]], strict=True):
        ends = [noise.numpy() for noise in noise_from_seeds(pair, sampler.generator.noise_shapes())]
        for step in range(steps):
            noise = [between(a, b, step / steps) for a, b in ends]
            yield enlarged(sampler.synthesize(w, noise)[0])


def between(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Returns noise [h, w, 1] on the arc from one image to another, float32 [1, h, w, 1]."""
    return arc(a.ravel(), b.ravel(), t).reshape(1, *a.shape).astype(np.float32)


def enlarged(image: np.ndarray) -> np.ndarray:
    """Returns an image as RGB, its pixels repeated where there are few."""
    return fitted(image, max(len(image), MIN_SIDE))


class Scene(NamedTuple):
    """A kind of video: what generates it, what the network must have, and how many seeds."""

    generate: Callable[[Sampler, Sequence[int], int], Iterator[np.ndarray]]
    needs: str | None
    seeds: int


KINDS = {
    "z": Scene(along_z, None, 2),
    "w": Scene(along_w, "styles", 2),
    "mixing": Scene(mixing, "styles", 3),
    "noise": Scene(through_noise, "noise", 2),
}
