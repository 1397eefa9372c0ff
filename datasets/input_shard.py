"""One stream for several readers, each of which decodes only its own images."""

from typing import TYPE_CHECKING, NamedTuple

from .errors import DatasetError

if TYPE_CHECKING:
    import tensorflow as tf


class InputShard(NamedTuple):
    """A reader's part of a stream of batches: it has its turns, and skips those of the others.

    Attributes:
        reader: its number, from 0.
        readers: how many there are.
        turn: how many batches a reader takes in a row.
    """

    reader: int = 0
    readers: int = 1
    turn: int = 1

    def check(self) -> None:
        """Raises DatasetError if there cannot be such a reader."""
        if self.turn < 1 or not 0 <= self.reader < self.readers:
            raise DatasetError(f"share {tuple(self)} must be of 0 ≤ reader < readers, turn ≥ 1")

    def of(self, stream: "tf.data.Dataset", batch_size: int) -> "tf.data.Dataset":
        """Returns the elements of this reader in an endless tf.data.Dataset of single elements."""
        if self.readers == 1:
            return stream
        turns = stream.batch(self.turn * batch_size, drop_remainder=True)
        return turns.shard(self.readers, self.reader).unbatch()


ALL = InputShard()
