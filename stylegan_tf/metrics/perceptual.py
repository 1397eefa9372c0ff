"""Perceptual path length of a generator (Karras et al. 2018, section 4.1).

How much pictures change along a path between two random latents, measured by LPIPS over steps of
ε = 1e-4, so that numbers are of the order of 100.

What must be float64 are the points: of steps of 1e-4 float32 keeps three digits if they are added
in it, and fewer near the ends. Rounded once, at the end, points keep the length of a step to 1e-3,
at random, and a mean over paths to much less. Networks are float32, whatever they trained in, and
never TF32.
"""

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from stylegan_tf.latents import noise_from_seeds, z_from_seeds
from stylegan_tf.metrics.colorspace import in_colour
from stylegan_tf.metrics.lpips import load_lpips
from stylegan_tf.metrics.names import SAMPLES
from stylegan_tf.metrics.paths import path_length, slerp
from stylegan_tf.metrics.replicas import Replicas
from stylegan_tf.metrics.sampling import batch_for, counted, in_parts, seeds_of, unseen

EPSILON = 1e-4
LARGEST = 256  # pixels of a side that LPIPS is shown
SMALLEST = 32  # pixels of a side of pictures: half of them is the least that VGG16 takes
SPACES, SAMPLINGS = ("z", "w"), ("full", "end")


def perceptual_path_length(
    generator,
    space: str = "w",
    sampling: str = "full",
    count: int = SAMPLES["ppl_wfull"],
    *,
    labels: np.ndarray | None = None,
    seed: int = 0,
    batch: int | None = None,
    strategy: tf.distribute.Strategy | None = None,
    perceptual: Callable | None = None,
    progress: Callable = unseen,
) -> float:
    """The mean of LPIPS/ε² over random paths, without the lowest and the highest hundredth.

    As published: no truncation; the same fresh noise for all pictures of a batch; the part of a
    picture in which a face lies (rows 3/8 to 7/8, columns 2/8 to 6/8), reduced to 256×256 if it is
    larger.

    Args:
        generator: a `Generator`; it draws at the resolution and fade that it has grown to.
        space: `"z"`, where a path is an arc between the directions of two latents, or `"w"`, where
            it is straight between what these are mapped to.
        sampling: `"full"`, at a random place of each path, or `"end"`, where it begins.
        count: how many paths.
        labels: one for each path, [count, label_size], for a network with labels.
        seed: of all random numbers.
        batch: pictures at a time on each replica, two of a path; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        perceptual: distance [N] of pictures [N, H, W, 3], nominally in [-1, 1]; None: LPIPS.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Raises:
        ValueError: if an argument is out of range, or pictures are smaller than 32×32.
        WeightsMissing: if LPIPS is wanted and its weights cannot be had.
    """
    check(generator, space, sampling, labels)
    resolution, fade = generator.grown_to
    replicas = Replicas(strategy, max(1, (batch or batch_for(resolution)) // 2))
    if perceptual is None:
        with replicas.strategy.scope():
            perceptual = load_lpips()
    generator = replicas.at_hand(generator)
    shapes = generator.noise_shapes(resolution)

    def distances(seeds, a, b, t, labels=None):
        w = generator.mapping(tf.concat([a, b], 0), _twice(labels))
        if space == "w":
            w = steps_in_w(*tf.split(w, 2), t)
        noise = noise_from_seeds(seeds[:1], shapes) or "none"  # [1, h, w, 1]: one for all
        images = generator.synthesis(w, noise=noise, resolution=resolution, fade=fade)
        return (perceptual(*tf.split(face(in_colour(images)), 2)) / EPSILON**2,)

    batches = paths(generator, space, sampling, count, replicas.size, labels, seed)
    with progress(f"paths in {space}") as update:
        found = counted(replicas.compute(distances, batches), count, update)
        return path_length(np.concatenate([part for (part,) in found]))


def check(generator, space: str, sampling: str, labels) -> None:
    """Raises ValueError where there can be no such path length."""
    for name, given, allowed in (("space", space, SPACES), ("sampling", sampling, SAMPLINGS)):
        if given not in allowed:
            raise ValueError(f"{name} is {given!r}; it can be {' or '.join(map(repr, allowed))}")
    check_size("path length", generator)
    if generator.label_size and labels is None:
        raise ValueError("this network has labels; path length needs one for each path")


def check_size(name: str, generator) -> None:
    """Raises ValueError where pictures are too small for a metric of this name."""
    side, _ = generator.grown_to
    if side < SMALLEST:
        raise ValueError(
            f"{name} needs pictures of {SMALLEST}×{SMALLEST} or more, and this network draws "
            f"{side}×{side}: VGG16 cannot look at less than half of that"
        )


def paths(
    generator, space: str, sampling: str, count: int, size: int, labels, seed: int
) -> Iterator[tuple[np.ndarray, ...]]:
    """Batches of paths: seeds, two latents [n, latent_size], places in float64 [n], labels if any.

    In z the latents are the two points, float32; in w they are the ends of the path.
    """
    seeds = seeds_of(seed, 2 * count)
    ends = tf.data.Dataset.from_tensor_slices(seeds).batch(2 * size)
    ends = ends.map(lambda some: z_from_seeds(some, generator.latent_size), tf.data.AUTOTUNE)
    places = np.random.default_rng(seed).random(count) * (sampling == "full")
    arrays = [seeds[::2], places] + ([] if labels is None else [labels[:count]])
    drawn = ends.prefetch(tf.data.AUTOTUNE).as_numpy_iterator()
    for z, (first, t, *rest) in zip(drawn, in_parts(arrays, size), strict=True):
        a, b = steps_in_z(z[::2], z[1::2], t) if space == "z" else (z[::2], z[1::2])
        yield (first, a, b, t, *rest)


def steps_in_z(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The points at t and t + ε on the arc between latents [n, D], float32.

    They are as long as latents are on average, which only matters beside the embedding of a label.
    """
    length = np.sqrt(a.shape[1])
    return tuple(
        (length * slerp(a, b, place[:, None])).astype(np.float32) for place in (t, t + EPSILON)
    )


def steps_in_w(a, b, t):
    """The points at t and t + ε between w [n, w_size] each, float32 [2·n, w_size]."""
    a, b, t = tf.cast(a, tf.float64), tf.cast(b, tf.float64), t[:, None]
    points = [a + (b - a) * t, a + (b - a) * (t + EPSILON)]
    return tf.cast(tf.concat(points, 0), tf.float32)


def face(images):
    """The part of pictures [N, r, r, C] that is compared, [N, r/2, r/2, C], at most 256×256."""
    eighth = images.shape[1] // 8
    images = images[:, 3 * eighth : 7 * eighth, 2 * eighth : 6 * eighth]
    factor = images.shape[1] // LARGEST
    return tf.nn.avg_pool2d(images, factor, factor, "VALID") if factor > 1 else images


def _twice(labels):
    return None if labels is None else tf.concat([labels, labels], 0)
