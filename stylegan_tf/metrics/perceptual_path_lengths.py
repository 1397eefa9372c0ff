"""Perceptual path length of a generator (Karras et al. 2018, section 4.1).

How much images change along a path between two random latents, measured by LPIPS over steps of
ε = 1e-4, so that numbers are of the order of 100.

What must be float64 are the points: of steps of 1e-4 float32 keeps three digits if they are added
in it, and fewer near the ends. Rounded once, at the end, points keep the length of a step to 1e-3,
at random, and a mean over paths to much less. Networks are float32, whatever they trained in, and
never TF32.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import describe, finite
from stylegan_tf.metrics.registration import Measured, Sampling, register

if TYPE_CHECKING:
    import tensorflow as tf

    from stylegan_tf.models import BaseGenerator

COUNT = 100_000  # paths, as published
EPSILON = 1e-4
PERCENTILES = 1, 99  # what lies outside is dropped
MAX_SIDE = 256  # pixels of the images that LPIPS is shown
MIN_SIDE = 32  # pixels of images: half of them is the least that VGG16 takes
SPACES, SAMPLINGS = ("z", "w"), ("full", "end")


def perceptual_path_length(
    generator: "BaseGenerator",
    space: str = "w",
    sampling: str = "full",
    count: int = COUNT,
    *,
    labels: np.ndarray | None = None,
    seed: int = 0,
    batch: int | None = None,
    strategy: "tf.distribute.Strategy | None" = None,
    perceptual: Callable[..., Any] | None = None,
    progress: Callable[..., Any] | None = None,
) -> float:
    """Returns the mean of LPIPS/ε² over random paths, without the lowest and highest hundredth.

    As published: no truncation; the same fresh noise for all images of a batch; the part of an
    image in which a face lies (rows 3/8 to 7/8, columns 2/8 to 6/8), reduced to 256×256 if it is
    larger.

    Args:
        generator: a `Generator`; images are of the resolution and fade that it has grown to.
        space: `"z"`, where a path is an arc between the directions of two latents, or `"w"`, where
            it is straight between what these are mapped to.
        sampling: `"full"`, at a random place of each path, or `"end"`, where it begins.
        count: how many paths.
        labels: one for each path, [count, label_size], for a network with labels.
        seed: of all random numbers.
        batch: images at a time on each replica, two of a path; None: as many as suit the device.
        strategy: a `tf.distribute.Strategy`, on whose replicas; None: on one device.
        perceptual: distance [N] of images [N, H, W, 3], nominally in [-1, 1]; None: LPIPS.
        progress: of a title, gives a context manager that gives a function of (done, total), as
            `stylegan_tf.cli.progress.progress_of`.

    Raises:
        ValueError: if an argument is out of range, or images are smaller than 32×32.
        WeightsMissing: if LPIPS is needed and its weights cannot be had.
    """
    from stylegan_tf.metrics.sampling import unseen

    how = Sampling(count, seed, labels, batch, strategy, progress or unseen, perceptual)
    return _mean_length(generator, space, sampling, how)


def _mean_length(generator: "BaseGenerator", space: str, place: str, sampling: Sampling) -> float:
    """Returns what `perceptual_path_length` does; `loaded` is the distance, or None.

    Args:
        generator: as there.
        space: as there.
        place: `"full"` or `"end"`, where on a path it is measured.
        sampling: all else.
    """
    import tensorflow as tf

    from stylegan_tf.images import to_rgb
    from stylegan_tf.latents import noise_from_seeds
    from stylegan_tf.metrics import lpips
    from stylegan_tf.metrics.sampling import Replicas, batch_for, counted

    check(generator, space, place, sampling.labels)
    resolution, fade = generator.grown_to
    batch = sampling.batch or batch_for(resolution)
    replicas = Replicas(sampling.strategy, max(1, batch // 2))
    perceptual = sampling.loaded
    if perceptual is None:
        with replicas.strategy.scope():
            perceptual = lpips.load_lpips()
    generator = replicas.at_hand(generator)
    shapes = generator.noise_shapes(resolution)

    def distances(
        seeds: "tf.Tensor",
        a: "tf.Tensor",
        b: "tf.Tensor",
        t: "tf.Tensor",
        labels: "tf.Tensor | None" = None,
    ) -> "tuple[tf.Tensor]":
        twice = None if labels is None else tf.concat([labels, labels], 0)
        w = generator.mapping(tf.concat([a, b], 0), twice)
        if space == "w":
            w_a, w_b = tf.split(w, 2)
            w = steps_in_w(w_a, w_b, t)
        noise = noise_from_seeds(seeds[:1], shapes) or "none"  # [1, h, w, 1]: one for all
        images = generator.synthesis(w, noise=noise, resolution=resolution, fade=fade)
        return (perceptual(*tf.split(face(to_rgb(images)), 2)) / EPSILON**2,)

    batches = paths(generator, space, place, sampling, replicas.size)
    with sampling.progress(f"paths in {space}") as update:
        parts = counted(replicas.compute(distances, batches), sampling.count, update)
        return path_length(np.concatenate([part for (part,) in parts]))


def check(generator: "BaseGenerator", space: str, sampling: str, labels: np.ndarray | None) -> None:
    """Raises ValueError where there can be no such path length."""
    for name, given, allowed in (("space", space, SPACES), ("sampling", sampling, SAMPLINGS)):
        if given not in allowed:
            raise ValueError(f"{name} is {given!r}; it can be {' or '.join(map(repr, allowed))}")
    check_size("path length", generator)
    if space == "w":
        check_w("path length in w", generator)
    if generator.label_size and labels is None:
        raise ValueError("this network has labels; path length needs one for each path")


def check_size(name: str, generator: "BaseGenerator") -> None:
    """Raises ValueError where images are too small for a metric of this name."""
    side, _ = generator.grown_to
    if side < MIN_SIDE:
        raise ValueError(
            f"{name} needs images of {MIN_SIDE}×{MIN_SIDE} or more, and those of this network "
            f"have {side}×{side}: VGG16 cannot take less than half of that"
        )


def check_w(name: str, generator: "BaseGenerator") -> None:
    """Raises ValueError where a metric of this name needs w, and there is none."""
    if not getattr(generator, "has_w", True):  # whatever is called like a generator may have one
        generator.require_w(f"{name} cannot be measured (that of z can: ppl_zfull, ppl_zend)")


def paths(
    generator: "BaseGenerator", space: str, place: str, sampling: Sampling, size: int
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields batches of `size` paths: seeds, two latents, places on the path, labels if any.

    In z the latents, float32 [n, latent_size], are the two points; in w they are the ends of the
    path. Places are float64 [n].
    """
    import tensorflow as tf

    from stylegan_tf.latents import z_from_seeds
    from stylegan_tf.metrics.sampling import in_parts, seeds_of

    count, labels = sampling.count, sampling.labels
    seeds = seeds_of(sampling.seed, 2 * count)
    ends = tf.data.Dataset.from_tensor_slices(seeds).batch(2 * size)
    ends = ends.map(lambda some: z_from_seeds(some, generator.latent_size), tf.data.AUTOTUNE)
    places = np.random.default_rng(sampling.seed).random(count) * (place == "full")
    arrays = [seeds[::2], places] + ([] if labels is None else [labels[:count]])
    latents = ends.prefetch(tf.data.AUTOTUNE).as_numpy_iterator()
    for z, (first, t, *rest) in zip(latents, in_parts(arrays, size), strict=True):
        a, b = steps_in_z(z[::2], z[1::2], t) if space == "z" else (z[::2], z[1::2])
        yield (first, a, b, t, *rest)


def steps_in_z(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the points at t and t + ε on the arc between latents [n, D], float32.

    They are as long as latents are on average, which only matters beside the embedding of a label.
    """
    length = np.sqrt(a.shape[1])
    return tuple(
        (length * slerp(a, b, place[:, None])).astype(np.float32) for place in (t, t + EPSILON)
    )


def steps_in_w(a: "tf.Tensor", b: "tf.Tensor", t: "tf.Tensor") -> "tf.Tensor":
    """Returns the points at t and t + ε between w [n, w_size] each, float32 [2·n, w_size]."""
    import tensorflow as tf

    a, b, t = tf.cast(a, tf.float64), tf.cast(b, tf.float64), t[:, None]
    points = [a + (b - a) * t, a + (b - a) * (t + EPSILON)]
    return tf.cast(tf.concat(points, 0), tf.float32)


def face(images: "tf.Tensor") -> "tf.Tensor":
    """Returns the compared part of images [N, r, r, C]: [N, r/2, r/2, C], at most 256×256."""
    import tensorflow as tf

    eighth = images.shape[1] // 8
    images = images[:, 3 * eighth : 7 * eighth, 2 * eighth : 6 * eighth]
    factor = images.shape[1] // MAX_SIDE
    return tf.nn.avg_pool2d(images, factor, factor, "VALID") if factor > 1 else images


def path_length(distances: ArrayLike) -> float:
    """Returns the mean of the distances that are not among the lowest or the highest hundredth.

    Bounds are samples: the one at or below the 1st percentile, the one at or above the 99th.

    Args:
        distances: of each path, over ε², [N]. N is 100,000 as published.

    Raises:
        ValueError: if they are not finite numbers, or none.
    """
    distances = np.asarray(distances)
    if distances.ndim != 1 or not distances.size or distances.dtype.kind not in "fiu":
        raise ValueError(f"distances: numbers [N] are expected, not {describe(distances)}")
    distances = finite("distances", distances).astype(np.float64)
    low = np.percentile(distances, PERCENTILES[0], method="lower")
    high = np.percentile(distances, PERCENTILES[1], method="higher")
    return float(distances[(distances >= low) & (distances <= high)].mean())


def slerp(a: ArrayLike, b: ArrayLike, t: float | np.ndarray) -> np.ndarray:
    """Returns the direction at `t` on the great circle from that of `a` to that of `b`.

    Source: Shoemake (1985). SciPy's `geometric_slerp` takes one pair at a time.

    Args:
        a: latents, [..., D]; their lengths do not matter.
        b: latents of the same shape.
        t: 0 for `a`, 1 for `b`; a number, or [..., 1].

    Returns:
        Latents of length 1, [..., D], float64: of float32, differences of 1e-4 would be too coarse.
    """
    a, b = (_direction(np.asarray(one, np.float64)) for one in (a, b))
    along = np.sum(a * b, axis=-1, keepdims=True)
    across = b - along * a
    # Better than the arc cosine, which loses half of the digits near 0.
    angle = np.arctan2(np.linalg.norm(across, axis=-1, keepdims=True), along)
    return np.cos(t * angle) * a + np.sin(t * angle) * _direction(across)


def _direction(x: np.ndarray) -> np.ndarray:
    """Returns `x` with length 1; 0 stays 0."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return x / np.where(length > 0, length, 1.0)


def _load(name: str, classifiers: Any) -> Any:
    """Returns LPIPS."""
    from stylegan_tf.metrics import lpips

    return lpips.load_lpips()


def _register(space: str, place: str) -> None:
    """Registers one of the four published path lengths."""

    def compute(generator: "BaseGenerator", sampling: Sampling) -> Measured:
        from stylegan_tf.metrics.lpips import VGG16_LPIPS

        length = _mean_length(generator, space, place, sampling)
        return Measured(length, features="lpips_vgg16", weights_sha256=VGG16_LPIPS.sha256)

    def check_generator(name: str, generator: "BaseGenerator") -> None:
        check_size(name, generator)
        if space == "w":
            check_w(name, generator)

    add = register(
        f"ppl_{space}{place}",
        needs="generator",
        label="path length",
        count=COUNT,
        check=check_generator,
        load=_load,
    )
    add(compute)


for _place in SAMPLINGS:
    for _space in SPACES:
        _register(_space, _place)
