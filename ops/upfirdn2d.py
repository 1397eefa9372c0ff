"""Pad, upsample, filter, downsample: the general resampling op."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from . import dispatch, library, xla
from .explanation import explained, on_every_device


@explained(on_every_device)
def upfirdn2d(
    x: tf.Tensor,
    kernel: tf.Tensor,
    up: int = 1,
    down: int = 1,
    padding: Sequence[int] = (0, 0, 0, 0),
    implementation: str = "auto",
) -> tf.Tensor:
    """Inserts zeros, pads, convolves each channel with one FIR kernel, and drops samples.

    Differentiable any number of times with respect to `x`; the kernel is a constant.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        kernel: [kh, kw], the impulse response (a true convolution: the kernel is flipped).
        up: int. `up - 1` zeros are put after every sample, in both directions.
        down: int. Every `down`-th sample of the filtered signal is kept.
        padding: `(top, bottom, left, right)`, zeros added after upsampling; negative ones crop.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [N, (H·up + top + bottom - kh) // down + 1, (W·up + left + right - kw) // down + 1, C].

    Raises:
        ValueError: if `up` or `down` is below 1, or `padding` does not have four numbers.
    """
    if up < 1 or down < 1:
        raise ValueError(f"up is {up} and down is {down}; both must be at least 1")
    if len(padding) != 4:
        raise ValueError(f"padding is {padding}; it must be (top, bottom, left, right)")
    x, kernel = tf.convert_to_tensor(x), tf.convert_to_tensor(kernel)
    if kernels := dispatch.kernels(implementation, x.dtype):
        kernel = tf.stop_gradient(tf.cast(kernel, tf.float32))
        return _compiled(kernels, x, kernel, up, down, list(padding))
    return _reference(x, kernel, up, down, padding)


@xla.plain_form("StyleganUpfirdn")
def _reference(
    x: tf.Tensor, kernel: tf.Tensor, up: int, down: int, padding: Sequence[int]
) -> tf.Tensor:
    return _filter(_pad(_insert_zeros(x, up), padding), kernel, down)


def _compiled(
    kernels: Any, x: tf.Tensor, kernel: tf.Tensor, up: int, down: int, padding: list[int]
) -> tf.Tensor:
    y = kernels.stylegan_upfirdn(x=x, kernel=kernel, up=up, down=down, padding=padding)
    sides = zip(x.shape[1:3], kernel.shape, (padding[:2], padding[2:]), strict=True)
    sizes = [
        None if None in (side, taps) else (side * up + sum(pads) - taps) // down + 1
        for side, taps, pads in sides
    ]
    y.set_shape([x.shape[0], *sizes, x.shape[3]])
    return y


@xla.gradient("StyleganUpfirdn")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor, None]:
    """The transpose: the same op with the kernel rotated by 180°, and up and down exchanged."""
    x, kernel = op.inputs
    up, down, padding = (op.get_attr(name) for name in ("up", "down", "padding"))
    top, bottom, left, right = padding
    vertical = _padding_of_transpose(
        x.shape[1], dy.shape[1], kernel.shape[0], up, down, top, bottom
    )
    horizontal = _padding_of_transpose(
        x.shape[2], dy.shape[2], kernel.shape[1], up, down, left, right
    )
    kernels, rotated = library.load().require(), tf.reverse(kernel, [0, 1])
    dx = _compiled(kernels, dy, rotated, down, up, [*vertical, *horizontal])
    if None in x.shape[1:3]:
        dx = dx[:, : tf.shape(x)[1], : tf.shape(x)[2], :]
    dx = tf.ensure_shape(dx, x.shape)
    return dx, None


def _padding_of_transpose(
    size: int | None, result: int | None, taps: int, up: int, down: int, before: int, after: int
) -> tuple[int, int]:
    """The padding of the transpose: exact for known sizes, else large enough to be cropped."""
    first = taps - 1 - before
    if size is None or result is None:
        return first, taps - up - after
    return first, (size - 1) * up + taps - result * down - first


def _insert_zeros(x: tf.Tensor, up: int) -> tf.Tensor:
    """[N, H, W, C] → [N, H·up, W·up, C], each sample followed by zeros."""
    if up == 1:
        return x
    n, h, w, c = tf.unstack(tf.shape(x))
    x = tf.reshape(x, [n, h, 1, w, 1, c])
    x = tf.pad(x, [[0, 0], [0, 0], [0, up - 1], [0, 0], [0, up - 1], [0, 0]])
    return tf.reshape(x, [n, h * up, w * up, c])


def _pad(x: tf.Tensor, padding: Sequence[int]) -> tf.Tensor:
    top, bottom, left, right = padding
    zeros = [max(side, 0) for side in padding]
    if any(zeros):
        x = tf.pad(x, [[0, 0], zeros[:2], zeros[2:], [0, 0]])
    h, w = tf.shape(x)[1], tf.shape(x)[2]
    return x[:, max(-top, 0) : h - max(-bottom, 0), max(-left, 0) : w - max(-right, 0), :]


def _filter(x: tf.Tensor, kernel: tf.Tensor, down: int) -> tf.Tensor:
    """Convolves all channels with one kernel."""
    kernel = tf.cast(tf.reverse(kernel, [0, 1]), x.dtype)[:, :, None, None]
    kernel = tf.tile(kernel, [1, 1, tf.shape(x)[-1], 1])
    y = tf.nn.depthwise_conv2d(x, kernel, strides=[1, down, down, 1], padding="VALID")
    return tf.ensure_shape(y, [*y.shape[:3], x.shape[3]])
