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
