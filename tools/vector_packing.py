"""Packs arrays for tests/data/published.zip, whose layout tests/support/vectors.py describes."""

import hashlib

import numpy as np

LARGE = 400  # more entries than this are sampled
# How an array is kept.
FIRST_WEIGHTS, WEIGHTS, ROW_WEIGHTS = "first weights", "weights", "weights of a row"
WHOLE, SAMPLED, AVERAGE, IMAGES = "whole", "sampled", "average", "images"
ENLARGED, OF_W = "enlarged", "of w"  # images in their own resolution; what a matrix makes of w
DRAWN, MASK = "drawn", "mask"
PAIR = "pair"  # of the first two of a batch, all
SAMPLED_PAIR, DRAWN_PAIR, MASK_PAIR = "sampled pair", "drawn pair", "mask pair"
EXACT, EXACT_PAIR = "exact", "exact pair"
# A step is 2^-bits of the deviation of weights, and of the largest of results.
WEIGHT_BITS = {FIRST_WEIGHTS: 16, WEIGHTS: 12, ROW_WEIGHTS: 9}


class Pile:
    """The numbers of all arrays in steps, one after the other; the same numbers are stored once."""

    def __init__(self):
        self.parts, self.places, self.size = [], {}, 0

    def add(self, values: np.ndarray, exponent: int) -> list[int]:
        """Returns where `values` begin, and the exponent of their step, a power of two."""
        steps = np.rint(np.ravel(values) * 2.0**-exponent).astype("<i4")
        key = hashlib.sha256(steps.tobytes()).digest()
        if key not in self.places:
            self.places[key] = self.size
            self.parts.append(steps)
            self.size += len(steps)
        return [self.places[key], exponent]

    def planes(self) -> list[bytes]:
        """The lowest bytes of all numbers, the next, and the highest, which compress.

        0, -1, 1, -2, 2 … are counted as 0, 1, 2, 3, 4 …: small numbers have high bytes of 0.
        """
        steps = np.concatenate(self.parts)
        counted = (steps << 1 ^ steps >> 31).astype("<u4")
        assert counted.max() < 2**24
        return [plane.tobytes() for plane in counted.view(np.uint8).reshape(-1, 4).T[:3]]


def exponent_of(values: np.ndarray, kind: str, bits: int) -> int:
    """The exponent of the step of an array; `bits`: those of results."""
    if kind in WEIGHT_BITS:
        return round(np.log2(np.sqrt(np.mean(np.square(values))))) - WEIGHT_BITS[kind]
    return int(np.ceil(np.log2(np.abs(values).max()))) - bits


def entries(size: int, kind: str) -> np.ndarray:
    """Which entries of a large array remain: every so many, an odd number."""
    requested = {IMAGES: 780, SAMPLED: 220, AVERAGE: 60}[kind]
    return np.arange(0, size, size // requested | 1)


def native(array: np.ndarray) -> tuple[np.ndarray, int]:
    """An image that was enlarged by repeating pixels → the small one, and how often."""
    for times in (8, 4, 2):
        small = array[..., ::times, ::times]
        if np.array_equal(small.repeat(times, axis=-1).repeat(times, axis=-2), array):
            return small, times
    return array, 1


def packed(array: np.ndarray, kind: str, bits: int, pile: Pile) -> list:
    """What the index says of an array: shape, place, exponent, then the options of `vectors`."""
    if kind == DRAWN:
        return [list(array.shape), DRAWN]
    if kind == DRAWN_PAIR:
        return [list(array.shape), DRAWN, 2]
    if kind.endswith(PAIR):
        array, kind = array[:2], kind.removesuffix(PAIR).strip() or WHOLE
    shape = list(array.shape)
    if kind == MASK:
        return [shape, MASK, np.packbits(array.astype(bool)).tobytes().hex()]
    if kind == EXACT:  # the shortest decimals that are these numbers
        return [array.dtype.str, shape, [float(str(value)) for value in array.ravel()]]
    if array.dtype == np.uint8 and array.size > LARGE:
        return [shape, *pile.add(array, 0)]
    if array.dtype != np.float32:
        return [array.dtype.str, shape, np.ravel(array).tolist()]
    if not array.any():
        return [shape, None, 0]
    exponent = exponent_of(array, kind, bits)
    if kind == ENLARGED:
        small, times = native(array)
        return [shape, *pile.add(small, exponent), *([{"times": times}] if times > 1 else [])]
    if kind in WEIGHT_BITS or kind == WHOLE or array.size <= LARGE:
        return [shape, *pile.add(array, exponent)]
    flat, places = array.ravel(), entries(array.size, kind)
    step = int(places[1])
    if kind == AVERAGE:  # must be known at the same entries before and after training
        return [shape, *pile.add(flat[places], exponent), {"step": step}]
    largest = int(np.abs(flat).argmax())
    known = np.append(flat[places], flat[largest])
    return [shape, *pile.add(known, exponent), {"step": step, "largest": largest}]


def packed_of_w(array: np.ndarray, w: np.ndarray, bits: int, pile: Pile) -> list:
    """What a dense layer makes of the four w, in its place."""
    result = w[:, 0].astype(float) @ array
    place = pile.add(result, exponent_of(result, OF_W, bits))
    return [list(array.shape), *place, {"of": "w"}]
