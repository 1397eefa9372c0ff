"""Directions from labelled samples: across the plane that parts them (Shen et al. 2020)."""

from typing import NamedTuple

import numpy as np

from stylegan_tf.directions.factorization import deviations

FOLDS = 5
ITERATIONS = 1000


class Classified(NamedTuple):
    """A direction, and how well its plane parts samples.

    Attributes:
        vector: [w_size], one standard deviation of the samples long; along it the label becomes 1.
        accuracy: the part of samples on the right side of a plane that was found without them.
    """

    vector: np.ndarray
    accuracy: float


def classified(w: np.ndarray, labels: np.ndarray) -> Classified:
    """Returns the normal of the plane in w that separates samples by label (logistic regression).

    Args:
        w: samples, [N, w_size].
        labels: 0 or 1 of each, [N].

    Raises:
        ValueError: if there are not at least two samples of each label.
        ImportError: without scikit-learn.
    """
    need()
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    least = min(np.sum(labels == 0), np.sum(labels == 1))
    if least < 2:
        raise ValueError(f"of each label there must be two samples or more, not {least}")
    # The penalty depends on the scale of w, which differs from network to network.
    scaled = (w - w.mean(0)) / w.std()
    classifier = LogisticRegression(max_iter=ITERATIONS)
    folds = StratifiedKFold(min(FOLDS, least), shuffle=True, random_state=0)
    accuracy = cross_val_score(classifier, scaled, labels, cv=folds).mean()
    normal = classifier.fit(scaled, labels).coef_  # [1, w_size]
    normal = normal / np.linalg.norm(normal)
    return Classified((normal[0] * deviations(w, normal)[0]).astype(np.float32), float(accuracy))


def need() -> None:
    """Raises ImportError with what to install, where scikit-learn is missing."""
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "directions from labels need scikit-learn: pip install 'stylegan-tf[metrics]'"
        ) from error
