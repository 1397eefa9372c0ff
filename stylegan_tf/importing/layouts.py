"""From the layouts of published variables to ours."""

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
