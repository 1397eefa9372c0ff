"""From the pictures of a source to the files of a dataset: on all cores, in an order of its own."""

import random
import time
from collections.abc import Callable

from .errors import BadPictures
from .labels import Labels
from .parallel import ordered_map
from .pictures import LARGEST, BadPicture, Target, prepare
from .resumable import Unfinished

SAVE_SECONDS = 10.0  # what a killed process loses


def convert(
    source,
    target: Target,
    label_of: Labels,
    writer,
    work: Unfinished,
    seed: int | None,
    skip_bad: bool,
    progress: Callable[[int, int], None] | None,
) -> list[str]:
    """Writes what an earlier run has not; Ctrl-C saves how far it came.

    Args:
        source: of `open_source`.
        target: what each picture becomes.
        label_of: the labels.
        writer: a ShardWriter or a LevelWriter.
        work: what an earlier run did.
        seed: of the order; None keeps that of the source.
        skip_bad: go on without pictures that cannot be used.
        progress: called with (pictures done, pictures in all).

    Returns:
        The pictures left out, with reasons, sorted.

    Raises:
        BadPictures: if there are any and `skip_bad` is false, or there are no others.
    """
    names = in_order(source.names, seed)
    bad, left = list(work.bad), names[work.done :]
    # Where it stands, for `save`: set in one step, so that Ctrl-C finds either this or the next.
    reached = (work.done, len(bad), work.files)
    results = ordered_map(encoder(source, target, label_of, writer), left)
    saved = time.monotonic()
    try:
        for done, (name, result) in enumerate(zip(left, results, strict=True), work.done + 1):
            if isinstance(result, BadPicture):
                bad.append(f"{name} {result}")
            elif skip_bad or not bad:  # one bad picture dooms the rest, but go on to name them all
                writer.write(result)
            reached = (done, len(bad), writer.files())
            if progress:
                progress(done, len(names))
            if time.monotonic() - saved > SAVE_SECONDS:
                save(work, writer, reached, bad)
                saved = time.monotonic()
    except KeyboardInterrupt:
        if reached[0]:
            save(work, writer, reached, bad)
        raise
    if bad and (len(bad) == len(names) or not skip_bad):
        raise BadPictures(sorted(bad), len(names))
    return sorted(bad)


def in_order(names: list[str], seed: int | None) -> list[str]:
    """The names in the random order of `seed`, or as they come."""
    names = list(names)
    if seed is not None:
        random.Random(seed).shuffle(names)
    return names


def save(work: Unfinished, writer, reached: tuple[int, int, dict], bad: list[str]) -> None:
    done, known_bad, files = reached
    writer.flush()
    work.save(done, bad[:known_bad], files)


def encoder(source, target: Target, label_of: Labels, writer) -> Callable:
    """A function from a picture's name to what the writer takes, or to a BadPicture."""

    def encode(name: str):
        try:
            with source.open(name) as file:
                data = file.read(LARGEST + 1)  # a member of a zip can unpack to any length
        except Exception as error:  # zipfile raises many kinds for a damaged or locked member
            return BadPicture(f"cannot be read ({getattr(error, 'strerror', None) or error})")
        if len(data) > LARGEST:
            return BadPicture(f"has more than {LARGEST >> 20} MB: make it smaller")
        try:
            picture = prepare(data, target)
        except BadPicture as reason:
            return reason
        return writer.encode(picture, name, label_of.vector(name) if label_of.size else None)

    return encode
