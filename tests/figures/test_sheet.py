"""Labelled sheets: where everything stands, and that labels can be read."""

import numpy as np
import pytest
from PIL import Image, ImageFont

from stylegan_tf.figures.sheet import GAP, MARGIN, broken, fitted, on_white, sheet

LONG = "deviation over 100 realisations, white: 12.3 of 255"


def plain(value: int, side=4, channels=3) -> np.ndarray:
    """An image of one colour."""
    return np.full([side, side, channels], value, np.uint8)


def inked(page: np.ndarray) -> np.ndarray:
    """Where a sheet is not white."""
    return (page < 255).any(-1)


def test_images_stand_in_rows_and_columns():
    page = sheet([[plain(10), plain(20)], [None, plain(30)]], cell=16)
    side = 2 * MARGIN + 2 * 16 + GAP
    assert page.shape == (side, side, 3)
    expected = np.full_like(page, 255)
    for value, row, column in [(10, 0, 0), (20, 0, 1), (30, 1, 1)]:
        y, x = (MARGIN + index * (16 + GAP) for index in (row, column))
        expected[y : y + 16, x : x + 16] = value
    np.testing.assert_array_equal(page, expected)


def test_labels_stand_in_the_margins_beside_what_they_name():
    rows = [[plain(0)] * 2] * 3
    page = sheet(rows, ["one", "two"], ["a", "b", "c"], [("first", 2), ("", 1)], cell=64)
    height, width, _ = page.shape
    y, x = height - MARGIN - 3 * 64 - 2 * GAP, width - MARGIN - 2 * 64 - GAP  # of the first image
    ink = inked(page)
    for column in range(2):
        start = x + column * (64 + GAP)
        assert ink[:y, start : start + 64].any()
    assert not ink[:y, :x].any()
    label_left = x - MARGIN // 2 - 12
    for row in range(3):
        start = y + row * (64 + GAP)
        assert ink[start : start + 64, label_left:x].any()
        assert not ink[start + 64 : start + 64 + GAP, label_left:x].any()
    assert ink[y : y + 2 * 64, :label_left].any()
    assert not ink[y + 2 * (64 + GAP) :, :label_left].any()


@pytest.mark.parametrize("cell", [64, 128, 256])
def test_nothing_comes_near_the_border_or_into_an_image(cell):
    rows = [[plain(128)] * 2] * 2
    labels = [LONG, "x"]
    bare = sheet(rows, labels, labels, [(LONG, 2)], cell=cell)
    ink = inked(bare)
    assert not (ink[:MARGIN].any() or ink[-MARGIN:].any())
    assert not (ink[:, :MARGIN].any() or ink[:, -MARGIN:].any())
    assert (bare == 128).all(-1).sum() >= 4 * cell * cell
    y, x = (size - MARGIN - 2 * cell - GAP for size in ink.shape)
    assert (bare[y : y + cell, x : x + cell] == 128).all()


def test_a_label_is_the_text_in_pillows_font():
    page = sheet([[plain(255)]], ["psi -0.5"], cell=128)
    font = ImageFont.load_default(14)
    mask = font.getmask("psi -0.5", mode="L")
    label = 255 - page[..., 0].astype(int)
    rows, columns = np.nonzero(label > 128)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    result = np.asarray(mask).reshape(mask.size[::-1])
    rows, columns = np.nonzero(result > 128)
    assert (height, width) == (np.ptp(rows) + 1, np.ptp(columns) + 1)


@pytest.mark.parametrize("text", [LONG, "fine styles from B (64x64 to 1024x1024)", "mean", ""])
@pytest.mark.parametrize(("size", "room"), [(14, 128), (21, 256), (14, 60)])
def test_labels_are_broken_between_words_where_they_are_long(text, size, room):
    font = ImageFont.load_default(size)
    lines = broken(text, font, room)
    assert " ".join(lines) == text
    for line in lines:
        assert font.getlength(line) <= room or " " not in line


def test_lines_of_a_label_are_about_equally_long():
    font = ImageFont.load_default(14)
    assert broken("aaaa aaaa aaaa aaaa", font, round(font.getlength("aaaa aaaa aaaa")) + 1) == [
        "aaaa aaaa",
        "aaaa aaaa",
    ]


def test_small_images_are_enlarged_by_repeating_pixels(rng):
    image = rng.integers(0, 256, [4, 4, 3], np.uint8)
    np.testing.assert_array_equal(fitted(image, 12), image.repeat(3, axis=0).repeat(3, axis=1))


def test_large_images_are_reduced_to_means(rng):
    image = rng.integers(0, 256, [8, 8, 3], np.uint8)
    means = image.reshape(4, 2, 4, 2, 3).mean(axis=(1, 3))
    assert np.abs(fitted(image, 4) - means).max() <= 1


@pytest.mark.parametrize(("side", "cell"), [(4, 128), (128, 128), (256, 256), (512, 256)])
def test_the_size_of_a_cell_follows_the_image(side, cell):
    assert sheet([[None, plain(0, side)]]).shape == (
        2 * MARGIN + cell,
        2 * MARGIN + 2 * cell + GAP,
        3,
    )


def test_grey_images_are_grey(rng):
    image = rng.integers(0, 256, [4, 4, 1], np.uint8)
    np.testing.assert_array_equal(on_white(image), image.repeat(3, axis=-1))


def test_transparent_images_are_seen_on_white(rng):
    image = rng.integers(0, 256, [4, 4, 4], np.uint8)
    opaque = Image.fromarray(image)
    page = Image.new("RGBA", opaque.size, "white")
    page.alpha_composite(opaque)
    assert np.abs(on_white(image).astype(int) - np.asarray(page)[..., :3]).max() <= 1
