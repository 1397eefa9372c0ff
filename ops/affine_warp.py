"""Images seen through affine maps, without aliasing (Karras et al. 2020, appendix B)."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import tensorflow as tf

from . import dispatch, library, xla
from .explanation import explained, on_every_device

# The wavelet sym6 (Daubechies 1992), as a low-pass filter of sum 1.
SYM6 = np.array(
    [0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633]
    + [0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252]
    + [-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148]
)
SYM6 /= SYM6.sum()
TAPS = len(SYM6)
BLOCK = 64  # rows of a matrix of filters that are multiplied at once
DENSE = 128  # columns up to which one product takes the whole matrix


@explained(on_every_device)
def affine_warp(x: tf.Tensor, matrices: tf.Tensor, implementation: str = "auto") -> tf.Tensor:
    """Returns images seen through an affine map each.

    An image is continued by reflection to almost three times its size, upsampled by 2, sampled
    bilinearly at the places where the map puts the pixels of a grid of twice the resolution, and
    downsampled by 2. Beyond the reflections it is 0. The wavelet sym6 is the filter.

    Differentiable any number of times with respect to `x`; the maps are constants.

    Args:
        x: [N, H, W, C] of known sizes, float32, bfloat16 or float16. H and W are at least 2.
        matrices: [N, 2, 3], from (x, y, 1) of a pixel of the result to (x, y) in `x`; in pixels
            from the centre of the image, x to the right and y down.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        the shape and type of `x`; computed in float32.
    """
    x = tf.convert_to_tensor(x)
    matrices = tf.stop_gradient(tf.cast(matrices, tf.float32))
    images = tf.cast(x, tf.float32)
    if kernels := dispatch.kernels(implementation, x.dtype):
        y = _compiled(kernels, images, matrices, transpose=False)
    else:
        y = _reference(images, matrices)
    return tf.cast(tf.ensure_shape(y, x.shape), x.dtype)


def _compiled(kernels: Any, x: tf.Tensor, matrices: tf.Tensor, transpose: bool) -> tf.Tensor:
    taps = tf.constant(SYM6, tf.float32)
    return kernels.stylegan_affine_warp(x=x, matrices=matrices, taps=taps, transpose=transpose)


@xla.gradient("StyleganAffineWarp")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor, None, None]:
    kernels = library.load().require()
    return _compiled(kernels, dy, op.inputs[1], not op.get_attr("transpose")), None, None


@xla.plain_form("StyleganAffineWarp")
def _plain(x: tf.Tensor, matrices: tf.Tensor, taps: tf.Tensor, transpose: bool) -> tf.Tensor:
    return _reference(x, matrices, transpose)


def _reference(x: tf.Tensor, matrices: tf.Tensor, transpose: bool = False) -> tf.Tensor:
    """Three linear steps one after the other; the gradient takes their transposes."""
    _, height, width, channels = x.shape
    rows, columns = _axis(height), _axis(width)
    sampling = _Sampling(matrices, rows, columns, channels)

    def forward(x: tf.Tensor) -> tf.Tensor:
        large = _along_both(rows.up, columns.up, x)
        return _along_both(rows.down, columns.down, sampling.sample(large))

    def transposed(dy: tf.Tensor) -> tf.Tensor:
        large = _along_both(rows.down.transpose, columns.down.transpose, dy)
        return _along_both(rows.up.transpose, columns.up.transpose, sampling.scatter(large))

    if transpose:
        return _linear(transposed, forward)(x)
    return _linear(forward, transposed)(x)


def _linear(forward: Callable, transposed: Callable) -> Callable:
    """A linear function whose gradient is its transpose, of which again it is the gradient."""

    @tf.custom_gradient
    def call(x: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        return forward(x), lambda dy: _linear(transposed, forward)(dy)

    return cast(Callable, call)


class _Matrix:
    """A matrix with few entries in a row, for products along the first axis of images.

    Args:
        dense: [rows, columns].
        transpose: that of it, if it is there.
    """

    def __init__(self, dense: np.ndarray, transpose: "_Matrix | None" = None):
        self.shape = dense.shape
        self.transpose = transpose or _Matrix(dense.T, self)
        if dense.shape[1] <= DENSE:
            self.blocks, self.columns = dense[None], None
            return
        count = -(-len(dense) // BLOCK)
        blocks = np.pad(dense, [[0, count * BLOCK - len(dense)], [0, 0]])
        blocks = blocks.reshape(count, BLOCK, -1)
        used = [np.flatnonzero(block.any(0)) for block in blocks]
        most = max(map(len, used))
        # Columns that fill up have zeros, too.
        unused = [np.flatnonzero(~block.any(0)) for block in blocks]
        self.columns = np.stack([np.append(a, b)[:most] for a, b in zip(used, unused, strict=True)])
        self.blocks = np.take_along_axis(blocks, self.columns[:, None], axis=2)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Returns [N, rows, F] of `x`, [N, columns, F]."""
        blocks = tf.constant(self.blocks, tf.float32)
        if self.columns is None:
            return tf.matmul(blocks, x)
        parts = tf.gather(x, self.columns, axis=1)  # [N, blocks, columns of one, F]
        y = tf.reshape(tf.matmul(blocks, parts), [-1, blocks.shape[0] * BLOCK, x.shape[2]])
        return y[:, : self.shape[0]]


@dataclass(frozen=True)
class _Axis:
    """What happens along one axis.

    Attributes:
        size: S, pixels of the image.
        up: the different rows of the matrix that upsamples the continued image.
        row_of: int32 [6·S - 4], where among them the row of each sample is.
        down: the matrix that downsamples 2·S + 10 samples.
    """

    size: int
    up: _Matrix
    row_of: np.ndarray
    down: _Matrix

    @property
    def samples(self) -> int:
        """Samples of the grid: those under the filter, of the first to the last pixel."""
        return 2 * self.size + TAPS - 2


@functools.cache
def _axis(size: int) -> _Axis:
    length, period = 6 * size - 4, 4 * size - 4
    # The continued image repeats; only near its ends, where the filter reaches beyond, rows differ.
    first_again, last = TAPS + period, length - TAPS
    row_of = rows = np.arange(length)
    if first_again < last:
        rows = np.append(rows[:first_again], rows[last:])
        again = TAPS + (row_of[TAPS:last] - TAPS) % period
        row_of = np.concatenate([row_of[:TAPS], again, np.arange(first_again, len(rows))])
    up = np.zeros([len(rows), size], np.float32)
    for tap, weight in enumerate(SYM6):
        twice = rows + TAPS // 2 - 1 - tap  # which sample among the inserted zeros
        pixel = twice // 2
        known = (twice % 2 == 0) & (pixel >= 0) & (pixel < 3 * size - 2)
        reflected = np.abs(pixel - (size - 1))
        reflected = size - 1 - np.abs(size - 1 - reflected)
        np.add.at(up, (np.flatnonzero(known), reflected[known]), 2 * weight)
    down = np.zeros([size, 2 * size + TAPS - 2], np.float32)
    for tap, weight in enumerate(SYM6):
        down[np.arange(size), 2 * np.arange(size) + tap] = weight
    return _Axis(size, _Matrix(up), row_of.astype(np.int32), _Matrix(down))


def _along_both(rows: _Matrix, columns: _Matrix, x: tf.Tensor) -> tf.Tensor:
    """[N, rows', columns', C] of x, [N, rows, columns, C]."""
    return _along_first(columns, _along_first(rows, x))


def _along_first(matrix: _Matrix, x: tf.Tensor) -> tf.Tensor:
    """A product along the first axis; the two axes change places."""
    _, height, width, channels = x.shape
    y = matrix(tf.reshape(x, [-1, height, width * channels]))
    return tf.transpose(tf.reshape(y, [-1, matrix.shape[0], width, channels]), [0, 2, 1, 3])


class _Sampling:
    """Bilinear sampling of upsampled images, where maps put the grid, and its transpose.

    Args:
        matrices: as for `affine_warp`.
        rows, columns: the axes.
        channels: of the images.
    """

    def __init__(self, matrices: tf.Tensor, rows: _Axis, columns: _Axis, channels: int):
        self.size = [rows.up.shape[0], columns.up.shape[0], channels]
        self.grid = [rows.samples, columns.samples, channels]
        self.count = matrices.shape[0] if matrices.shape[0] is not None else tf.shape(matrices)[0]
        y, x = np.meshgrid(_centred(rows), _centred(columns), indexing="ij")
        grid = np.stack([x.ravel() / 2, y.ravel() / 2, np.ones(x.size)]).astype(np.float32)
        places = 2 * tf.matmul(matrices, tf.constant(grid))  # [N, 2, samples]
        x0, x1 = _neighbours(places[:, 0] + (3 * columns.size - 3), columns)
        y0, y1 = _neighbours(places[:, 1] + (3 * rows.size - 3), rows)
        first = tf.range(self.count)[:, None] * (self.size[0] * self.size[1])
        pairs = [(a, b) for a in (y0, y1) for b in (x0, x1)]
        # [4, N, samples]: the four neighbours, and their weights.
        self.indices = tf.stack([first + a[0] * self.size[1] + b[0] for a, b in pairs])
        self.weights = tf.stack([a[1] * b[1] for a, b in pairs])[..., None]

    def sample(self, u: tf.Tensor) -> tf.Tensor:
        """[N, 2·H + 10, 2·W + 10, C] of upsampled images."""
        pixels = tf.gather(tf.reshape(u, [-1, self.size[2]]), self.indices)
        return tf.reshape(tf.reduce_sum(pixels * self.weights, 0), [-1, *self.grid])

    def scatter(self, s: tf.Tensor) -> tf.Tensor:
        """The transpose."""
        channels = self.size[2]
        parts = tf.reshape(s, [self.count, -1, channels]) * self.weights
        pixels = self.count * (self.size[0] * self.size[1])
        sums = tf.math.unsorted_segment_sum(
            tf.reshape(parts, [-1, channels]), tf.reshape(self.indices, [-1]), pixels
        )
        return tf.reshape(sums, [-1, *self.size])


def _centred(axis: _Axis) -> np.ndarray:
    """Places of the samples in halves of a pixel from the centre, plus the half of the filter."""
    return np.arange(axis.samples) - (axis.samples - 1) / 2 + 0.5


def _neighbours(place: tf.Tensor, axis: _Axis) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """The samples before and after each place, and their weights: 0 for one that is outside."""
    floor = tf.floor(place)
    fraction = place - floor
    floor = tf.clip_by_value(floor, -2.0, float(len(axis.row_of)))  # what is far away is outside
    result = []
    for number, weight in ((0, 1 - fraction), (1, fraction)):
        index = tf.cast(floor, tf.int32) + number
        inside = tf.logical_and(index >= 0, index < len(axis.row_of))
        row = tf.gather(axis.row_of, tf.clip_by_value(index, 0, len(axis.row_of) - 1))
        result.append((row, cast(tf.Tensor, tf.where(inside, weight, 0.0))))
    return result
