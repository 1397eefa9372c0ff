"""From the layouts of published variables to ours, and back."""

from collections.abc import Callable
from typing import Any

import numpy as np


def unchanged(value: np.ndarray) -> np.ndarray:
    """Returns a variable as it is."""
    return value


def to_nhwc(value: np.ndarray) -> np.ndarray:
    """Returns [N, C, H, W] as [N, H, W, C]."""
    return np.transpose(value, [0, 2, 3, 1])


def flipped(kernel: np.ndarray) -> np.ndarray:
    """Returns the kernel of a convolution that ran as a transposed one, rotated by 180°."""
    return kernel[::-1, ::-1]


def columns_to_nhwc(weight: np.ndarray) -> np.ndarray:
    """Returns [in, C·4·4] as [in, 4·4·C]."""
    rows = weight.shape[0]
    return np.transpose(weight.reshape(rows, -1, 4, 4), [0, 2, 3, 1]).reshape(rows, -1)


def rows_to_nhwc(weight: np.ndarray) -> np.ndarray:
    """Returns [C·4·4, out] as [4·4·C, out]."""
    columns = weight.shape[1]
    return np.transpose(weight.reshape(-1, 4, 4, columns), [1, 2, 0, 3]).reshape(-1, columns)


def kernel_from_oihw(kernel: np.ndarray) -> np.ndarray:
    """Returns [out, in, h, w] as [h, w, in, out]."""
    return np.transpose(kernel, [2, 3, 1, 0])


def flipped_from_oihw(kernel: np.ndarray) -> np.ndarray:
    """Returns [out, in, h, w] as [h, w, in, out], rotated by 180°."""
    return flipped(kernel_from_oihw(kernel))


def constant_from_chw(value: np.ndarray) -> np.ndarray:
    """Returns [C, H, W] as [1, H, W, C]."""
    return np.transpose(value, [1, 2, 0])[None]


def image_from_hw(value: np.ndarray) -> np.ndarray:
    """Returns [H, W] as [1, H, W, 1]."""
    return value[None, :, :, None]


def rows_from_chw(weight: np.ndarray) -> np.ndarray:
    """Returns [out, C·4·4] as [4·4·C, out]."""
    return rows_to_nhwc(np.transpose(weight))


# The other way.


def to_nchw(value: np.ndarray) -> np.ndarray:
    """Returns [N, H, W, C] as [N, C, H, W]."""
    return np.transpose(value, [0, 3, 1, 2])


def columns_to_nchw(weight: np.ndarray) -> np.ndarray:
    """Returns [in, 4·4·C] as [in, C·4·4]."""
    rows = weight.shape[0]
    return np.transpose(weight.reshape(rows, 4, 4, -1), [0, 3, 1, 2]).reshape(rows, -1)


def rows_to_nchw(weight: np.ndarray) -> np.ndarray:
    """Returns [4·4·C, out] as [C·4·4, out]."""
    columns = weight.shape[1]
    return np.transpose(weight.reshape(4, 4, -1, columns), [2, 0, 1, 3]).reshape(-1, columns)


def kernel_to_oihw(kernel: np.ndarray) -> np.ndarray:
    """Returns [h, w, in, out] as [out, in, h, w]."""
    return np.transpose(kernel, [3, 2, 0, 1])


def flipped_to_oihw(kernel: np.ndarray) -> np.ndarray:
    """Returns [h, w, in, out], rotated by 180°, as [out, in, h, w]."""
    return kernel_to_oihw(flipped(kernel))


def constant_to_chw(value: np.ndarray) -> np.ndarray:
    """Returns [1, H, W, C] as [C, H, W]."""
    return np.transpose(value[0], [2, 0, 1])


def image_to_hw(value: np.ndarray) -> np.ndarray:
    """Returns [1, H, W, 1] as [H, W]."""
    return value[0, :, :, 0]


def rows_to_chw(weight: np.ndarray) -> np.ndarray:
    """Returns [4·4·C, out] as [out, C·4·4]."""
    return np.transpose(rows_to_nchw(weight))


INVERSES: dict[Callable[..., Any], Callable[..., Any]] = {
    unchanged: unchanged,
    flipped: flipped,
    np.transpose: np.transpose,
    to_nhwc: to_nchw,
    columns_to_nhwc: columns_to_nchw,
    rows_to_nhwc: rows_to_nchw,
    kernel_from_oihw: kernel_to_oihw,
    flipped_from_oihw: flipped_to_oihw,
    constant_from_chw: constant_to_chw,
    image_from_hw: image_to_hw,
    rows_from_chw: rows_to_chw,
}
