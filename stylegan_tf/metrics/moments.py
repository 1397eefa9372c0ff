"""Mean and covariance of features that come in batches, in one pass (Chan et al. 1983)."""

import numpy as np

from stylegan_tf.metrics.features import blocks, features_of


class Moments:
    """Count, mean and covariance of all samples so far; nothing else of them is kept.

    Parts can be gathered apart (a batch, a replica, a machine) and merged in any order. Samples
    far from 0 lose no digits: deviations from the mean are summed, not squares.

    Attributes:
        count: of samples.
        mean: [D], float64; None before the first sample.
        scatter: [D, D], float64, the sum of products of deviations from the mean.
    """

    def __init__(self, features=None):
        """Starts with `features`, [N, D], or with none."""
        self.count = 0
        self.mean = self.scatter = None
        if features is not None:
            self.update(features)

    def update(self, features) -> None:
        """Adds samples, [N, D].

        Raises:
            ValueError: if they are not finite numbers of the width of those before.
        """
        for _, block in blocks(features_of("features", features, least=0)):
            mean = block.mean(0)
            deviations = block - mean
            self._add(len(block), mean, deviations.T @ deviations)

    def merge(self, other: "Moments") -> None:
        """Adds the samples of another.

        Raises:
            ValueError: if they have another width.
        """
        if other.count:
            self._add(other.count, other.mean, other.scatter)

    @property
    def covariance(self) -> np.ndarray:
        """[D, D], float64, unbiased (divided by the count less 1).

        Raises:
            ValueError: for fewer than two samples.
        """
        if self.count < 2:
            raise ValueError(f"a covariance needs at least 2 samples, not {self.count}")
        return self.scatter / (self.count - 1)

    def _add(self, count: int, mean: np.ndarray, scatter: np.ndarray) -> None:
        if not self.count:
            self.count, self.mean, self.scatter = count, mean.copy(), scatter.copy()
            return
        if mean.shape != self.mean.shape:
            before, now = len(self.mean), len(mean)
            raise ValueError(f"features: {now} a sample, but {before} in the samples before")
        total = self.count + count
        apart = mean - self.mean
        self.scatter += scatter
        self.scatter += np.outer(apart, apart * (self.count * count / total))
        self.mean = self.mean + apart * (count / total)
        self.count = total
