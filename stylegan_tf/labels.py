"""Labels from what people write: names and numbers of classes, or vectors."""

from collections.abc import Sequence
from typing import Any, TypeAlias, cast

import numpy as np

from stylegan_tf.messages import did_you_mean

Label: TypeAlias = str | int | Sequence[Any] | np.ndarray | None
CLASS = (str, int, np.integer)  # the name or the number of one


def label_vectors(
    label: Label, count: int, label_size: int, names: Sequence[str] | None = None
) -> np.ndarray | None:
    """Returns the label of each of `count` images, float32 [count, label_size].

    Args:
        label: a class, by its name or number; a list of `count` classes; vectors, [label_size] or
            [count, label_size]; or None for zeros.
        count: how many images.
        label_size: of the network; 0 for a network without labels.
        names: of the classes in their order, where they are known.

    Returns:
        None for a network without labels.

    Raises:
        ValueError: if there is no such class, or `label` has another shape.
    """
    if label is None:
        return np.zeros([count, label_size], np.float32) if label_size else None
    if not label_size:
        raise ValueError(f"label is {label!r}; this network has no labels")
    is_one = isinstance(label, CLASS) or np.isscalar(label)
    classes: list[Any] = [label] * count if is_one else [*cast(Sequence[Any], label)]
    if len(classes) == count and all(isinstance(one, CLASS) for one in classes):
        numbers = [class_number(one, label_size, names) for one in classes]
        return np.eye(label_size, dtype=np.float32)[numbers]
    try:
        vectors = np.asarray(label, np.float32)
    except ValueError:  # names, and rows of different lengths
        vectors = np.empty([0], np.float32)
    is_known_shape = vectors.shape in ((label_size,), (count, label_size))
    if not is_known_shape or not np.isfinite(vectors).all():
        raise ValueError(
            f"label is {label!r}; it can be a class, a list of {count} classes, or an array "
            f"[{label_size}] or [{count}, {label_size}]"
        )
    return np.array(np.broadcast_to(vectors, (count, label_size)))


def class_number(label: str | int, label_size: int, names: Sequence[str] | None = None) -> int:
    """Returns the number of a class.

    Raises:
        ValueError: if there is no such class, naming the nearest ones.
    """
    if not isinstance(label, str):
        check_class(label, label_size)
        return int(label)
    if not names:
        raise ValueError(
            f"label is {label!r}; this network does not know the names of its classes, "
            f"only their numbers, 0 to {label_size - 1}"
        )
    if label not in names:
        raise ValueError(f"there is no class {label!r}{did_you_mean(label, names)}")
    return list(names).index(label)


def check_class(label: int | None, label_size: int, argument: str = "label") -> None:
    """Raises ValueError for a class that a network does not have; None is no class.

    Args:
        label: number of the class, or None.
        label_size: of the network.
        argument: what the message calls it.
    """
    if label is None or 0 <= label < label_size:
        return
    allowed = f"it can be 0 to {label_size - 1}" if label_size else "this network has no labels"
    raise ValueError(f"{argument} is {label}; {allowed}")
