"""Frequency bands that are amplified or weakened, by a wavelet filter bank."""

from __future__ import annotations

import functools

import numpy as np

from stylegan_tf.augment.transforms import Draws
from stylegan_tf.lazy_tensorflow import tf

NAMES = ("imgfilter",)
SYM2 = np.array([-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025])
BANDS = 4  # the lowest one is all frequencies below an eighth of the highest
# Expected power of natural images in each band (1/f²), which the filter keeps.
POWER = np.array([10, 1, 1, 1], np.float32) / 13


@functools.cache
def bank() -> np.ndarray:
    """Returns the filters of the bands, float64 [4, 43]; their sum passes everything."""
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    high = low * (-1) ** abs(np.arange(len(low)) - len(low) // 2)
    filters = np.eye(BANDS)[:, :1]
    for band in range(1, BANDS):
        spread = np.zeros([BANDS, 2 * filters.shape[1] - 1])
        spread[:, ::2] = filters
        filters = np.stack([np.convolve(one, low) for one in spread])
        middle = (filters.shape[1] - len(high)) // 2
        filters[band, middle : middle + len(high)] += high
    return filters


def gains(draws: Draws, bands: tuple[float, ...] = (1, 1, 1, 1)) -> tf.Tensor:
    """Returns the factors of the bands for each image, [N, 4].

    Args:
        draws: for N images.
        bands: what the probability of each band is multiplied by.
    """
    factors = draws.gated("imgfilter", lambda n: 2**n, 1.0, p=draws.p * np.array(bands, np.float32))
    # Each band's factor is normalized together with the ones of the others.
    power = 1 + POWER * (tf.square(factors) - 1)  # [N, 4]
    product = tf.reduce_prod(tf.math.rsqrt(power), axis=1, keepdims=True)
    return factors * product


def apply(draws: Draws, images: tf.Tensor) -> tf.Tensor:
    """Returns filtered images; beyond its edges an image is reflected.

    Args:
        draws: for N images.
        images: [N, H, W, C].
    """
    taps = tf.matmul(gains(draws), tf.constant(bank(), tf.float32))
    return along_rows_and_columns(taps, images)


def along_rows_and_columns(taps: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Returns images correlated with a filter each, in both directions.

    As matrices, since convolutions with another filter for each image are slow.

    Args:
        taps: [N, K], K odd.
        images: [N, H, W, C].
    """
    shape, (_, height, width, channels) = tf.shape(images), images.shape
    x = tf.reshape(images, [-1, height, width * channels])
    x = tf.reshape(tf.matmul(_matrix(taps, height), x), [-1, height, width, channels])
    x = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [-1, width, height * channels])
    x = tf.reshape(tf.matmul(_matrix(taps, width), x), [-1, width, height, channels])
    return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), shape)


def _matrix(taps: tf.Tensor, size: int) -> tf.Tensor:
    """The matrices of the filters, [N, size, size]."""
    with_zero = tf.pad(taps, [[0, 0], [0, 1]])  # for what is beyond the filter
    return tf.add_n([tf.gather(with_zero, which, axis=1) for which in _which(taps.shape[1], size)])


@functools.cache
def _which(taps: int, size: int) -> list[np.ndarray]:
    """By which tap an output pixel [row] takes an input pixel [column]; `taps` if by none.

    One array for each place in which an image, reflected again and again, has its pixels.
    """
    pixel, period = np.arange(size), 2 * (size - 1)
    first_tap = taps // 2 - pixel[:, None]
    is_edge = (pixel == 0) | (pixel == size - 1)  # edges are not repeated
    result = []
    for repeat in range(-(taps // period) - 2, taps // period + 3):
        start = repeat * period
        result.append(first_tap + start + pixel)
        result.append(np.where(is_edge, taps, first_tap + start - pixel))
    known = [np.where((one >= 0) & (one < taps), one, taps).astype(np.int32) for one in result]
    return [one for one in known if (one < taps).any()]
