"""Entropies of probabilities."""

import numpy as np

from stylegan_tf.metrics.features import describe, finite


def entropy(p: np.ndarray) -> np.ndarray:
    """−Σ p·log p along the last axis, in nats; 0·log 0 is 0."""
    log = np.log(p, out=np.zeros_like(p, np.float64), where=p > 0)
    return -np.sum(p * log, axis=-1)


def conditional_entropy(table) -> np.ndarray | float:
    """H(Y|X) in bits: how much X leaves unknown of Y.

    Args:
        table: of how often, or how probably, X and Y occur together, [..., X, Y].

    Returns:
        [...], float64.

    Raises:
        ValueError: if it is no such table.
    """
    table = np.asarray(table)
    if table.ndim < 2 or not table.size or table.dtype.kind not in "fiu":
        raise ValueError(f"table: numbers [..., X, Y] are expected, not {describe(table)}")
    joint = finite("table", table).astype(np.float64)
    total = joint.sum((-2, -1), keepdims=True)
    if joint.min() < 0 or total.min() <= 0:
        raise ValueError("table: numbers of 0 or more are expected, not all of them 0")
    joint = joint / total
    both = entropy(joint.reshape(*joint.shape[:-2], -1))
    return np.maximum(both - entropy(joint.sum(-1)), 0.0) / np.log(2)
