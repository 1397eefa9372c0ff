"""Batch normalization of trained networks, which convolutions take in."""

import numpy as np


def merged(kernel, scale, shift, mean, variance, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of a convolution that normalizes, too.

    Args:
        kernel: [..., D].
        scale, shift, mean, variance: of the normalization that follows it, [D].
        epsilon: beside the variance.
    """
    factor = scale.astype(np.float64) / np.sqrt(variance.astype(np.float64) + epsilon)
    return (kernel * factor).astype(np.float32), (shift - mean * factor).astype(np.float32)
