"""Kernel distance of features (Bińkowski et al. 2018); of Inception's it is called KID."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import features_of, same_width
from stylegan_tf.metrics.registration import Measured, Published, register

SUBSETS, SUBSET_SIZE = 100, 1000  # as published


class KernelDistance(NamedTuple):
    """Mean and standard deviation over the subsets; a single one has no deviation."""

    mean: float
    deviation: float | None


def kernel_distance(
    a: ArrayLike,
    b: ArrayLike,
    subsets: int = SUBSETS,
    subset_size: int | None = None,
    seed: int = 0,
) -> KernelDistance:
    """Returns the squared maximum mean discrepancy, unbiased, with the kernel (x·y/D + 1)³.

    It is the mean over random subsets. Being unbiased, it can be a little below 0.

    Args:
        a: features, [N, D].
        b: others, [M, D].
        subsets: how many are sampled.
        subset_size: samples of `a`, and of `b`, in each; all different. None: 1000 as published,
            or N or M if that is less.
        seed: of the choice of subsets.

    Returns:
        Mean and deviation over the subsets. The deviation is of one subset, not of the mean. Where
        a subset is all there is, it is computed once, and there is no deviation.

    Raises:
        ValueError: if features are not finite numbers of the same width, or too few.
    """
    if subsets < 1:
        raise ValueError(f"subsets must be 1 or more, not {subsets}")
    if subset_size is not None and subset_size < 2:
        raise ValueError(f"subset_size must be 2 or more, not {subset_size}")
    a, b = (features_of(name, x, subset_size or 2) for name, x in (("a", a), ("b", b)))
    same_width("a and b", a, b)
    size = subset_size or min(SUBSET_SIZE, len(a), len(b))
    if size == len(a) == len(b):
        subsets = 1  # any other is the same samples in another order
    rng = np.random.default_rng(seed)
    distances = [_discrepancy(_some(rng, a, size), _some(rng, b, size)) for _ in range(subsets)]
    deviation = float(np.std(distances)) if subsets > 1 else None
    return KernelDistance(float(np.mean(distances)), deviation)


@register(
    "kd",
    needs="features",
    label="kernel distance",
    count=None,
    published=Published("kid", "inception", "kernel inception distance"),
)
def _of_features(real: np.ndarray, fake: np.ndarray) -> Measured:
    return Measured(*kernel_distance(real, fake))


def _some(rng: np.random.Generator, x: np.ndarray, size: int) -> np.ndarray:
    """Returns different samples in float64, [size, D]."""
    return x[rng.choice(len(x), size, replace=False)].astype(np.float64)


def _discrepancy(a: np.ndarray, b: np.ndarray) -> float:
    return _mean_of_others(a) + _mean_of_others(b) - 2 * _kernel(a, b).mean()


def _mean_of_others(x: np.ndarray) -> float:
    """Returns the mean of the kernel over pairs of different samples."""
    k = _kernel(x, x)
    return (k.sum() - np.trace(k)) / (len(x) * (len(x) - 1))


def _kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    linear = a @ b.T / a.shape[1] + 1
    return linear * linear * linear  # a power is many times slower
