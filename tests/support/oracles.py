"""What the ops compute, in NumPy and SciPy: float64, or complex for `gradients.gradient`."""

import numpy as np
from scipy import ndimage, signal

BINOMIAL = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16
FIR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def leaky_relu(x):
    """Slope 0.2 below zero. Complex numbers go by their real part."""
    return np.where(np.real(x) >= 0, x, 0.2 * x)


def bias_act(x, b, gain=1, clamp=np.inf):
    """x [..., C], b [C]."""
    y = leaky_relu(x + b) * gain
    return np.where(abs(np.real(y)) < clamp, y, clamp * np.sign(np.real(y)))


def blur2d(x):
    """x [N, H, W, C], filtered with zeros outside."""
    return ndimage.convolve(x, BINOMIAL[None, :, :, None], mode="constant")


def upfirdn2d(x, kernel, up, down, padding):
    """x [N, H, W, C]: zeros between, zeros around (or cropped), true convolution, every n-th."""
    n, h, w, c = x.shape
    top, bottom, left, right = padding
    spread = np.zeros((n, h * up, w * up, c), x.dtype)
    spread[:, ::up, ::up] = x
    spread = np.pad(spread, [(0, 0), *((max(a, 0), max(b, 0)) for a, b in _pairs(padding)), (0, 0)])
    h, w = spread.shape[1:3]
    spread = spread[:, max(-top, 0) : h - max(-bottom, 0), max(-left, 0) : w - max(-right, 0)]
    filtered = [
        [signal.convolve2d(image[..., i], kernel, "valid") for i in range(c)] for image in spread
    ]
    return np.moveaxis(np.array(filtered), 1, -1)[:, ::down, ::down]


def _pairs(padding):
    return padding[:2], padding[2:]


def conv2d(x, w):
    """x [N, H, W, C], w [k, k, C, D], SAME: what deep learning calls a convolution."""
    side = w.shape[0] // 2
    x = np.pad(x, [(0, 0), (side, side), (side, side), (0, 0)])
    flipped = np.moveaxis(w[::-1, ::-1, ::-1], -1, 0)  # a true convolution flips it back
    maps = [[signal.convolve(image, one, "valid", "direct") for one in flipped] for image in x]
    return np.moveaxis(np.array(maps)[..., 0], 1, -1)


def upsample(x):
    """x [N, H, W, C], every pixel 2×2 times."""
    return x.repeat(2, axis=1).repeat(2, axis=2)


def downsample(x):
    """x [N, H, W, C], means of 2×2 pixels."""
    n, h, w, c = x.shape
    return x.reshape(n, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))


def upsample_conv2d(x, w):
    """First repeats pixels, then convolves."""
    return conv2d(upsample(x), w)


def conv2d_downsample(x, w):
    """First convolves, then takes means."""
    return downsample(conv2d(x, w))


def fir_upsample2d(x):
    """x [N, H, W, C], zeros between the pixels, filtered with 4 times the mean-1 filter."""
    return upfirdn2d(x, 4 * FIR, up=2, down=1, padding=(2, 1, 2, 1))


def fir_downsample2d(x):
    """x [N, H, W, C], filtered, every other pixel."""
    return upfirdn2d(x, FIR, up=1, down=2, padding=(1, 1, 1, 1))


def fir_upsample_conv2d(x, w):
    """Upsamples with all padding around the zeros, then convolves without any."""
    wide = upfirdn2d(x, 4 * FIR, up=2, down=1, padding=(3, 2, 3, 2))
    return conv2d(wide, w)[:, 1:-1, 1:-1]


def fir_downsample_conv2d(x, w):
    """Filters with all padding around the image, then convolves at every other pixel."""
    wide = upfirdn2d(x, FIR, up=1, down=1, padding=(2, 2, 2, 2))
    return conv2d(wide, w)[:, 1:-1:2, 1:-1:2]


def modulated_conv2d(x, w, style, up=False):
    """Each image x [H, W, C] with weights of its own, as the paper writes it."""
    images = []
    for image, factors in zip(x, style, strict=True):
        own = w * factors[:, None]
        own = own / np.sqrt((own**2).sum(axis=(0, 1, 2)) + 1e-8)
        images.append((fir_upsample_conv2d if up else conv2d)(image[None], own)[0])
    return np.array(images)


def instance_norm(x, epsilon=1e-8):
    """x [N, H, W, C], each feature map to mean 0 and variance 1."""
    centered = x - x.mean(axis=(1, 2), keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=(1, 2), keepdims=True) + epsilon)


def style_epilogue(x, noise, strength, bias, style):
    """x [N, H, W, C], noise [1 or N, H, W, 1], strength and bias [C], style [N, 2·C]."""
    scale, shift = np.split(style[:, None, None, :], 2, axis=-1)
    return instance_norm(leaky_relu(x + noise * strength + bias)) * (scale + 1) + shift


def affine_warp(image, matrix, taps):
    """image [H, W, C] seen through a map [2, 3], by the definition: all of it is continued."""
    height, width, _ = image.shape
    pads = [(height - 1, height - 1), (width - 1, width - 1), (0, 0)]
    large = np.pad(image, pads, "reflect")
    for axis in (0, 1):
        large = signal.upfirdn(2 * taps, large, up=2, axis=axis)
        # The upsampled signal is that of the full convolution without the ends.
        large = large.take(range(5, 5 + 2 * (3 * image.shape[axis] - 2)), axis)
    y, x = np.mgrid[: 2 * height + 12, : 2 * width + 12]
    grid = np.stack([x - width - 5.0, y - height - 5.0, np.full(x.shape, 2.0)])
    x, y = np.tensordot(np.array(matrix, np.float64), grid, 1)
    places = [y + 3 * height - 3, x + 3 * width - 3]
    samples = [
        ndimage.map_coordinates(plane, places, order=1, mode="grid-constant", cval=0.0)
        for plane in np.moveaxis(large, 2, 0)
    ]
    small = np.stack(samples, 2)
    for axis in (0, 1):
        small = signal.upfirdn(taps[::-1], small, axis=axis)
        # Correlation of samples 1 to 12, 3 to 14 and so on.
        small = small.take(range(12, 12 + 2 * image.shape[axis], 2), axis)
    return small
