"""Linear separability of attributes in latents (Karras et al. 2018, section 4.2)."""

from typing import NamedTuple

import numpy as np

from stylegan_tf.metrics.entropies import conditional_entropy
from stylegan_tf.metrics.features import features_of

KEPT = 0.5  # of the samples: of 200,000 the published 100,000


class Separability(NamedTuple):
    """The score, 1 or more and lower if better; and H(Y|X) of each attribute in bits, [A]."""

    score: float
    entropies: np.ndarray


def separability(latents, logits) -> Separability:
    """2 to the sum of what a plane in latents leaves unknown of each attribute (H(Y|X) in bits).

    For each attribute the surer half of the samples is kept, and a linear support vector machine
    is fitted to them; X is its verdict, Y that of the attribute's classifier.

    Args:
        latents: z, or w, of pictures, [N, D]. N is 200,000 as published.
        logits: of a classifier for each attribute on these pictures, [N, A]: above 0 where the
            attribute is present, further from 0 where that is surer. (Probabilities are not as
            good: those of 1 in float32 say no more which are surer.)

    Raises:
        ValueError: if they are not finite numbers of the same samples, at least 4.
        ImportError: without scikit-learn.
    """
    latents = features_of("latents", latents, least=4)
    logits = features_of("logits", logits, least=4)
    if len(latents) != len(logits):
        raise ValueError(f"there are {len(latents)} latents, but logits of {len(logits)} samples")
    entropies = np.array([_unknown(latents, column) for column in logits.T])
    return Separability(float(2 ** entropies.sum()), entropies)


def _unknown(latents: np.ndarray, logits: np.ndarray) -> float:
    """H(Y|X) of one attribute, from its logits, [N]."""
    surest = np.argsort(-np.abs(logits.astype(np.float64)), kind="stable")
    kept = surest[: int(KEPT * len(surest))]
    y = logits[kept] > 0
    if y.all() or not y.any():
        return 0.0  # nothing is unknown of it, and there is no plane to fit
    x = _verdicts(latents[kept].astype(np.float64), y)
    table = [[np.count_nonzero((x == i) & (y == j)) for j in (False, True)] for i in (False, True)]
    return float(conditional_entropy(table))


def _verdicts(latents: np.ndarray, y: np.ndarray) -> np.ndarray:
    """On which side of the best plane each sample lies, bool [N]."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError as error:
        raise ImportError(
            "linear separability needs scikit-learn: pip install 'stylegan-tf[metrics]'"
        ) from error
    # Both forms have the same solution; which is quicker depends on the shape.
    machine = LinearSVC(dual=len(latents) < latents.shape[1], random_state=0)
    return machine.fit(latents, y).predict(latents)
