"""From the images of a source to the files of a dataset: on all cores, in an order of its own."""

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol

from .encoding import MAX_BYTES, BadImage, Prepared, Target, prepare
from .errors import BadImages
from .labels import Labels
from .parallel import ordered_map
from .resumable import ResumableDirectory
from .sources import Source

SAVE_SECONDS = 10.0  # what a killed process loses


class Writer(Protocol):
    """What writes the files of a dataset: a ShardWriter or a LevelWriter."""

    def encode(self, image: Prepared, name: str, label: list[float] | None) -> Any:
        """Returns what `write` takes; called from several threads."""

    def write(self, encoded: Any) -> None:
        """Adds an image."""

    def files(self) -> dict[str, list[Any]]:
        """Returns what each file holds so far, for `ResumableDirectory.save`."""

    def flush(self) -> None:
        """Hands what was written to the system."""

    def close(self) -> dict[str, Any]:
        """Completes the files. Returns what the manifest says about them."""


class Reached(NamedTuple):
    """How far a run has come."""

    done: int  # images
    bad: int  # images that cannot be used
    files: dict[str, list[Any]]  # as of `Writer.files`


def convert(
    source: Source,
    target: Target,
    label_of: Labels,
    writer: Writer,
    work: ResumableDirectory,
    seed: int | None,
    skip_bad: bool,
    progress: Callable[[int, int], None] | None,
) -> list[str]:
    """Writes what an earlier run has not; Ctrl-C saves how far it came.

    Args:
        source: of `open_source`.
        target: what each image becomes.
        label_of: the labels.
        writer: what writes the files.
        work: what an earlier run did.
        seed: of the order; None keeps that of the source.
        skip_bad: go on without images that cannot be used.
        progress: called with (images done, images in all).

    Returns:
        The images left out, with reasons, sorted.

    Raises:
        BadImages: if there are any and `skip_bad` is false, or there are no others.
    """
    names = in_order(source.names, seed)
    bad, remaining = list(work.bad), names[work.done :]
    # Set in one step, so that Ctrl-C, which saves it, meets either this or the next.
    reached = Reached(work.done, len(bad), work.files)
    results = ordered_map(partial(encode_image, source, target, label_of, writer), remaining)
    saved = time.monotonic()
    try:
        for done, (name, result) in enumerate(zip(remaining, results, strict=True), work.done + 1):
            if isinstance(result, BadImage):
                bad.append(f"{name} {result}")
            elif skip_bad or not bad:  # one bad image dooms the rest, but go on to name them all
                writer.write(result)
            reached = Reached(done, len(bad), writer.files())
            if progress:
                progress(done, len(names))
            if time.monotonic() - saved > SAVE_SECONDS:
                save(work, writer, reached, bad)
                saved = time.monotonic()
    except KeyboardInterrupt:
        if reached.done:
            save(work, writer, reached, bad)
        raise
    if bad and (len(bad) == len(names) or not skip_bad):
        raise BadImages(sorted(bad), len(names))
    return sorted(bad)


def in_order(names: list[str], seed: int | None) -> list[str]:
    """Returns the names in the random order of `seed`, or as they come."""
    names = list(names)
    if seed is not None:
        random.Random(seed).shuffle(names)
    return names


def save(work: ResumableDirectory, writer: Writer, reached: Reached, bad: list[str]) -> None:
    """Notes how far a run has come, once the files hold all of it."""
    writer.flush()
    work.save(reached.done, bad[: reached.bad], reached.files)


def encode_image(
    source: Source, target: Target, label_of: Labels, writer: Writer, name: str
) -> Any:
    """Returns what the writer takes for the image of a name, or a BadImage."""
    try:
        with source.open(name) as file:
            data = file.read(MAX_BYTES + 1)  # a member of a zip can unpack to any length
    except Exception as error:  # zipfile raises many kinds for a damaged or locked member
        return BadImage(f"cannot be read ({getattr(error, 'strerror', None) or error})")
    if len(data) > MAX_BYTES:
        return BadImage(f"has more than {MAX_BYTES >> 20} MB: make it smaller")
    try:
        image = prepare(data, target)
    except BadImage as reason:
        return reason
    return writer.encode(image, name, label_of.vector(name) if label_of.size else None)
