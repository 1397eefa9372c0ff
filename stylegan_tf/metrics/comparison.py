"""Metrics of features: which statistics they need, and numbers of statistics."""

import numpy as np

from stylegan_tf.metrics.accumulators import FEATURES, MOMENTS, PROBABILITIES, Need
from stylegan_tf.metrics.frechet import frechet_distance
from stylegan_tf.metrics.kernel import kernel_distance
from stylegan_tf.metrics.manifolds import density_coverage, precision_recall
from stylegan_tf.metrics.moments import Moments
from stylegan_tf.metrics.names import Metric
from stylegan_tf.metrics.scores import inception_score

NEEDS = {"fd": MOMENTS, "kd": FEATURES, "pr": FEATURES, "dc": FEATURES, "is": PROBABILITIES}
# Fewest pictures of either kind: covariances, subsets, neighbours, splits.
LEAST = {"fd": 2, "kd": 2, "pr": 4, "dc": 6, "is": 10, "ls": 4}


def need_of_fakes(metric: Metric) -> Need:
    """What a metric needs to know of generated pictures."""
    return NEEDS[metric.kind], metric.count


def need_of_reals(metric: Metric, available: int) -> Need | None:
    """What a metric needs to know of so many real pictures, if anything."""
    if not metric.compares:
        return None
    return NEEDS[metric.kind], available if metric.full else min(metric.count, available)


def compare(
    kind: str, fakes: Moments | np.ndarray, reals: Moments | np.ndarray | None
) -> tuple[float, float | None, dict[str, float]]:
    """The value, its deviation and further numbers of a metric, as `Result` has them."""
    if kind == "fd":
        return (
            frechet_distance(reals.mean, reals.covariance, fakes.mean, fakes.covariance),
            None,
            {},
        )
    if kind == "kd":
        return (*kernel_distance(reals, fakes), {})
    if kind == "is":
        return (*inception_score(fakes), {})
    numbers = (precision_recall if kind == "pr" else density_coverage)(reals, fakes)._asdict()
    return next(iter(numbers.values())), None, numbers
