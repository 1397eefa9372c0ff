"""What metrics need to know of a set of pictures, gathered from batches of features in one pass."""

from collections.abc import Iterable, Iterator

import numpy as np

from stylegan_tf.metrics.features import BLOCK
from stylegan_tf.metrics.moments import Moments

MOMENTS, FEATURES, PROBABILITIES = "moments", "features", "probabilities"
Need = tuple[str, int]  # one of these, and of how many of the first pictures


def gather(batches: Iterable[tuple], needs: Iterable[Need]) -> dict[Need, Moments | np.ndarray]:
    """Goes through batches once and keeps no more than what is needed.

    Args:
        batches: tuples of features [n, D] and, where these are needed, probabilities [n, C].
        needs: what, and of how many of the first pictures. There must be so many.

    Returns:
        by need `Moments`, features [count, D], or probabilities [count, C]. Counts share memory.
    """
    needs = set(needs)
    moments = {count: Moments() for what, count in needs if what == MOMENTS}
    rows = {}
    for place, what in enumerate((FEATURES, PROBABILITIES)):
        if counts := [count for other, count in needs if other == what]:
            rows[what] = place, Rows(max(counts))
    for block in in_blocks(batches):
        for count, kept in moments.items():
            kept.update(block[0][: count - kept.count])
        for place, kept in rows.values():
            kept.add(block[place])
    return {
        (what, count): moments[count] if what == MOMENTS else rows[what][1].array[:count]
        for what, count in needs
    }


def in_blocks(batches: Iterable[tuple]) -> Iterator[tuple]:
    """Batches put together to some thousands: of each, moments cost products of D by D."""
    waiting, count = [], 0
    for batch in batches:
        waiting.append(batch)
        count += len(batch[0])
        if count >= BLOCK:
            yield _joined(waiting)
            waiting, count = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[tuple]) -> tuple:
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))


class Rows:
    """The first rows of a table that comes in parts.

    Args:
        count: how many rows are kept.
    """

    def __init__(self, count: int):
        self.count = count
        self.array = None  # [count, D], filled up to `_done`
        self._done = 0

    def add(self, part: np.ndarray) -> None:
        """Adds rows [n, D]; those beyond the count are left out."""
        if self.array is None:
            self.array = np.empty([self.count, part.shape[1]], part.dtype)
        part = part[: self.count - self._done]
        self.array[self._done : self._done + len(part)] = part
        self._done += len(part)
