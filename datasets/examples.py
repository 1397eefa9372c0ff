"""The examples of shards: how an image and what is known of it become a record, and back.

TensorFlow loads with the first.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Stored(NamedTuple):
    """An image as a shard has it."""

    data: bytes  # PNG or JPEG
    name: str  # its path in the source
    label: list[float]  # empty if there are no labels
    margins: tuple[int, ...]  # pixels to cut away at its left, top, right and bottom, or empty


def example(
    image: bytes, name: str, label: list[float] | None, margins: Sequence[int] | None = None
) -> bytes:
    """Returns one record.

    Args:
        image: PNG or JPEG; the feature `image`.
        name: its path in the source; the feature `name`.
        label: the feature `label`, if there is one.
        margins: of a letterboxed image: how many pixels at its left, top, right and bottom are
            not the image's; the feature `margins`, only where there are any.
    """
    import tensorflow as tf

    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
        "name": tf.train.Feature(
            bytes_list=tf.train.BytesList(value=[name.encode("utf-8", "surrogateescape")])
        ),
    }
    if label is not None:
        feature["label"] = tf.train.Feature(float_list=tf.train.FloatList(value=label))
    if margins is not None:
        feature["margins"] = tf.train.Feature(int64_list=tf.train.Int64List(value=margins))
    return serialized(feature)


def serialized(feature: dict[str, Any]) -> bytes:
    """Returns a tf.train.Example of some features; the same bytes in every run."""
    import tensorflow as tf

    features = tf.train.Features(feature=feature)
    return tf.train.Example(features=features).SerializeToString(deterministic=True)


def parsed(record: bytes | None) -> Stored:
    """Returns what a record holds.

    Args:
        record: as `read_records` gives it.

    Raises:
        ValueError: if it is damaged; the text continues a sentence.
    """
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    if record is None:
        raise ValueError("has changed since it was written: its checksum tells")
    try:
        feature = tf.train.Example.FromString(record).features.feature
    except DecodeError:
        raise ValueError("is not a tf.train.Example") from None
    return Stored(
        data=b"".join(feature["image"].bytes_list.value),
        name=b"".join(feature["name"].bytes_list.value).decode("utf-8", "surrogateescape"),
        label=list(feature["label"].float_list.value),
        margins=tuple(feature["margins"].int64_list.value),
    )


def margins_problem(margins: tuple[int, ...], side: int) -> str | None:
    """Returns what is wrong with the margins of a square image, or None."""
    if len(margins) == 4 and min(margins) >= 0:
        left, top, right, bottom = margins
        if left + right < side and top + bottom < side:
            return None
    return f"has margins {margins} that leave nothing of {side}×{side} pixels"
