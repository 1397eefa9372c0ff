"""Labels: those that a network was trained with, and what people write for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from stylegan_tf.messages import did_you_mean

if TYPE_CHECKING:
    from stylegan_tf.models import BaseGenerator

Label: TypeAlias = str | int | Sequence[Any] | np.ndarray | None  # None: that of the seed
CLASS = (str, int, np.integer)  # the name or the number of one
MAX_WRITTEN = 8  # numbers of a label in a message


@dataclass(frozen=True, eq=False)
class LabelSpace:
    """The labels of a network: classes, or vectors of numbers.

    Rows are the labels that can be drawn: one for each class, or the samples.

    Attributes:
        size: numbers in a label; 0 for a network without labels.
        names: of the classes (or of the numbers) in their order; empty if they are not known.
        class_counts: how many images of each class the training had, [size]; None if not known.
        samples: some labels of the training, [S, size], if they are vectors; None for classes.
    """

    size: int = 0
    names: tuple[str, ...] = ()
    class_counts: Sequence[int] | None = None
    samples: ArrayLike | None = None

    @classmethod
    def of(cls, generator: "BaseGenerator") -> "LabelSpace":
        """Returns the labels of a generator."""
        return cls(
            generator.label_size,
            tuple(generator.label_names or ()),
            generator.class_counts,
            generator.label_samples,
        )

    @property
    def has_classes(self) -> bool:
        """Whether a label is one of several classes."""
        return bool(self.size) and self.samples is None

    @property
    def num_rows(self) -> int:
        """How many labels can be drawn."""
        return self.size if self.samples is None else len(np.asarray(self.samples))

    @cached_property
    def ends(self) -> np.ndarray:
        """Where each row ends on a line of length 1, on which a row is as long as it is frequent.

        float32 [rows]. Classes whose frequency is not known are equally likely.
        """
        counts = np.ones(self.num_rows) if self.class_counts is None else self.class_counts
        sums = np.cumsum(np.asarray(counts, np.float64))
        return np.asarray(sums / sums[-1], np.float32)

    def in_turn(self, count: int) -> np.ndarray:
        """Returns `count` labels that go through all rows in turn, float32 [count, size]."""
        numbers = np.arange(count) % self.num_rows
        if self.samples is not None:
            return np.asarray(self.samples, np.float32)[numbers]
        return self._one_hot(numbers)

    def vectors(self, label: Label, count: int) -> np.ndarray:
        """Returns the label of each of `count` images, float32 [count, size].

        Args:
            label: a class, by its name or number; a list of `count` classes; or vectors, [size] or
                [count, size].
            count: how many images.

        Raises:
            ValueError: if there is no such class, or `label` has another shape.
        """
        if not self.size:
            raise ValueError(f"label is {label!r}; this network has no labels")
        is_one = isinstance(label, CLASS)
        classes: list[Any] = (
            [label] * count if is_one or np.isscalar(label) else [*cast(Any, label)]
        )
        are_classes = len(classes) == count and all(isinstance(one, CLASS) for one in classes)
        if are_classes and (is_one or self.has_classes):
            numbers = [self.class_number(one) for one in classes]
            return self._one_hot(np.array(numbers))
        return self._as_vectors(label, count)

    def class_number(self, label: str | int, argument: str = "label") -> int:
        """Returns the number of a class.

        Args:
            label: its name, or its number, in digits too; where both fit, it is the name.
            argument: what a message calls it.

        Raises:
            ValueError: if there is no such class, naming the nearest.
        """
        names = list(self.names)
        is_name = isinstance(label, str) and label in names
        if isinstance(label, str) and not is_name and label.strip("-").isdecimal():
            label = int(label)
        given = f"{argument} is {label!r}"
        if not self.size:
            raise ValueError(f"{given}; this network has no labels")
        if not self.has_classes:
            example = self.text(self.in_turn(1)[0])
            way = f"--label {example}" if argument.startswith("--") else f"[{example}]"
            raise ValueError(
                f"{given}; the labels of this network are {self.size} numbers, not classes: "
                f"give them, such as {way}"
            )
        if is_name:
            return names.index(cast(str, label))
        if not isinstance(label, str):
            if not 0 <= label < self.size:
                raise ValueError(f"{given}; it can be 0 to {self.size - 1}")
            return int(label)
        if not names:
            raise ValueError(
                f"{given}; this network does not know the names of its classes, "
                f"only their numbers, 0 to {self.size - 1}"
            )
        raise ValueError(f"{argument}: there is no class {label!r}{did_you_mean(label, names)}")

    def text(self, vector: ArrayLike) -> str:
        """Returns a label in words: the name or number of a class, or its numbers."""
        numbers = np.asarray(vector, np.float32)
        if self.has_classes and is_one_hot(numbers[None]):
            number = int(numbers.argmax())
            return self.names[number] if self.names else str(number)
        more = ",…" if len(numbers) > MAX_WRITTEN else ""
        return ",".join(f"{number:g}" for number in numbers[:MAX_WRITTEN]) + more

    def _one_hot(self, numbers: np.ndarray) -> np.ndarray:
        return np.asarray(numbers[:, None] == np.arange(self.size), np.float32)

    def _as_vectors(self, label: Any, count: int) -> np.ndarray:
        try:
            vectors = np.asarray(label, np.float32)
        except ValueError:  # names, and rows of different lengths
            vectors = np.empty([0], np.float32)
        is_known_shape = vectors.shape in ((self.size,), (count, self.size))
        if not is_known_shape or not np.isfinite(vectors).all():
            classes = f"a class, a list of {count} classes, or " if self.has_classes else ""
            raise ValueError(
                f"label is {label!r}; it can be {classes}an array [{self.size}] or "
                f"[{count}, {self.size}]"
            )
        return np.array(np.broadcast_to(vectors, (count, self.size)))


def parse_label(text: str, size: int, argument: str = "--label") -> list[float]:
    """Returns the numbers of a text: "1.0,7.5" → [1.0, 7.5].

    Args:
        text: numbers with commas between them.
        size: how many there must be.
        argument: what a message calls it.

    Raises:
        ValueError: if it is something else.
    """
    if not size:
        raise ValueError(f"{argument} is {text}; this network has no labels")
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = [np.nan]
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"{argument} is {text}; write numbers with commas between, such as 1.0,7.5"
        )
    if len(numbers) != size:
        raise ValueError(
            f"{argument} is {text}: {len(numbers)} number(s), and the labels of this network "
            f"have {size}"
        )
    return numbers


def is_one_hot(labels: np.ndarray) -> bool:
    """Returns whether each of [N, size] labels is a one among zeros."""
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())
