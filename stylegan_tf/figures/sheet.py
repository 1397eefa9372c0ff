"""Sheets: images in rows and columns on white paper, with labels in the margins.

Matplotlib is for axes: it resamples images, and these are to be seen pixel by pixel. `textwrap`
counts letters, and lines here are as long as their pixels allow.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import cast

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from stylegan_tf.images import to_rgb

MIN_CELL, MAX_CELL = 128, 256  # pixels; images are enlarged or reduced to fit
MARGIN, GAP = 12, 4  # pixels, around everything and between images
MIN_TEXT = 14  # pixels, height of a line; on larger cells it is a twelfth of theirs


def sheet(
    rows: Sequence[Sequence[np.ndarray | None]],
    top: Sequence[str] = (),
    left: Sequence[str] = (),
    groups: Sequence[tuple[str, int]] = (),
    cell: int | None = None,
) -> np.ndarray:
    """Lays out images and labels. Labels are broken into lines where they are long.

    Args:
        rows: square images, uint8 [H, H, C], C 1 (grey), 3 (RGB) or 4 (RGBA, seen on white);
            None leaves a place empty.
        top: a label for each column.
        left: a label for each row.
        groups: labels of so many rows that follow each other, written upwards at the left edge.
            The labels should be ASCII: Pillow's font has little else.
        cell: side of an image on the sheet, in pixels. Defaults to that of the first image, but
            at least 128 and at most 256.

    Returns:
        uint8 [H, W, 3].
    """
    if cell is None:
        first = next(image for row in rows for image in row if image is not None)
        cell = min(max(len(first), MIN_CELL), MAX_CELL)
    pitch = cell + GAP
    above = [written(text, cell) for text in top]
    beside = [written(text, cell) for text in left]
    upwards = [
        written(text, count * pitch - GAP, cell).transpose(Image.Transpose.ROTATE_90)
        for text, count in groups
    ]
    x_left = MARGIN + widest(upwards)
    x = x_left + widest(beside)
    y = MARGIN + max((label.height + GAP for label in above), default=0)
    width = x + max(map(len, rows)) * pitch - GAP + MARGIN
    page = Image.new("RGB", (width, y + len(rows) * pitch - GAP + MARGIN), "white")

    for column, label in enumerate(above):
        centred = x + column * pitch + (cell - label.width) // 2
        page.paste(label, (centred, y - GAP - label.height))
    for row, label in enumerate(beside):
        page.paste(label, (x_left, y + row * pitch + (cell - label.height) // 2))
    starts = accumulate((count for _, count in groups), initial=0)
    for label, start, (_, count) in zip(upwards, starts, groups, strict=False):
        room = count * pitch - GAP
        page.paste(label, (MARGIN, y + start * pitch + (room - label.height) // 2))
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            if image is not None:
                place = (x + column * pitch, y + row * pitch)
                page.paste(Image.fromarray(fitted(image, cell)), place)
    return np.asarray(page)


def widest(labels: list[Image.Image]) -> int:
    """Returns the width of the labels at the left, with a margin to what follows."""
    return max(label.width for label in labels) + MARGIN // 2 if labels else 0


def fitted(image: np.ndarray, side: int) -> np.ndarray:
    """Resizes an image to RGB [side, side, 3], uint8: pixels repeated, or their means."""
    method = Image.Resampling.BOX if side < len(image) else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(on_white(image)).resize((side, side), method))


def on_white(image: np.ndarray) -> np.ndarray:
    """Returns grey, RGB or RGBA, uint8 [H, W, 1, 3 or 4], as RGB in front of white."""
    return to_rgb(image).numpy()


def written(text: str, room: int, cell: int | None = None) -> Image.Image:
    """Returns a label in lines of at most `room` pixels where words allow."""
    font = font_of(max(MIN_TEXT, (cell or room) // 12))
    lines = broken(text, font, room)
    ascent, descent = font.getmetrics()
    width = max(1, math.ceil(max(map(font.getlength, lines))))
    label = Image.new("RGB", (width, len(lines) * (ascent + descent)), "white")
    drawing = ImageDraw.Draw(label)
    for number, line in enumerate(lines):
        x = (width - font.getlength(line)) / 2
        drawing.text((x, number * (ascent + descent)), line, font=font, fill="black")
    return label


@cache
def font_of(size: int) -> ImageFont.FreeTypeFont:
    """Returns Pillow's own font; reading it takes longer than writing with it."""
    return cast(ImageFont.FreeTypeFont, ImageFont.load_default(size))  # it is one by its size


def broken(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Returns as few lines as fit, and among those the ones that need the least room."""
    fewest = len(filled(text, font, room))
    least = bisect_left(range(room), True, key=lambda r: len(filled(text, font, r)) <= fewest)
    return filled(text, font, least)


def filled(text: str, font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Returns words in lines, as many in each as fit; a longer word has its own."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
