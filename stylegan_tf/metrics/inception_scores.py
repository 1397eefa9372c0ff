"""Inception score (Salimans et al. 2016): whether classes are sure of each image, and differ."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.metrics.features import features_of
from stylegan_tf.metrics.registration import Measured, Published, register

SUM = 1e-3  # how far the probabilities of a sample may be from 1 together: bfloat16's are


class InceptionScore(NamedTuple):
    """Mean and standard deviation over the splits; a single one has no deviation."""

    mean: float
    deviation: float | None


def inception_score(p: ArrayLike, splits: int = 10) -> InceptionScore:
    """Returns exp of the mean KL divergence of each sample's classes from those of its split.

    Args:
        p: probabilities of classes, [N, C].
        splits: parts of about N/splits successive samples that are scored apart; 10 as published.

    Returns:
        Mean and deviation over the splits; from 1 to C.

    Raises:
        ValueError: if `p` is not probabilities, or there are fewer samples than splits.
    """
    if splits < 1:
        raise ValueError(f"splits must be 1 or more, not {splits}")
    p = features_of("p", p, least=splits)
    ends = [number * len(p) // splits for number in range(splits + 1)]
    scores = [_score(p[a:b].astype(np.float64)) for a, b in zip(ends, ends[1:], strict=False)]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)) if splits > 1 else None)


@register(
    "is",
    needs="probabilities",
    higher_is_better=True,
    minimum=10,
    label="inception score",
    count=None,
    published=Published("is", "inception"),
)
def _of_probabilities(fake: np.ndarray) -> Measured:
    return Measured(*inception_score(fake))


def entropy(p: np.ndarray) -> np.ndarray:
    """Returns −Σ p·log p along the last axis, in nats; 0·log 0 is 0.

    SciPy's `entropy` is the same, but SciPy is in an extra.
    """
    log = np.log(p, out=np.zeros_like(p, np.float64), where=p > 0)
    return -np.sum(p * log, axis=-1)


def _score(p: np.ndarray) -> float:
    if p.min() < 0 or np.abs(p.sum(1) - 1).max() > SUM:
        raise ValueError("p: each sample needs probabilities, which are 0 or more and sum to 1")
    # The mean of KL(p ‖ q), where q is the mean of the p, is the entropy of q less that of p.
    return float(np.exp(entropy(p.mean(0)) - entropy(p).mean()))
