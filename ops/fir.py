"""Resampling by 2 with the filter [1, 3, 3, 1] (StyleGAN2: Karras et al. 2020, section 4)."""

import numpy as np
import tensorflow as tf

from .explanation import explained, on_every_device
from .upfirdn2d import upfirdn2d

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64
# Upsampling puts zeros between the pixels; 4 times the filter keeps their brightness.
UP_FILTER = 4 * FILTER


@explained(on_every_device)
def fir_upsample2d(x: tf.Tensor, implementation: str = "auto") -> tf.Tensor:
    """Returns [N, H, W, C] at twice the resolution, [N, 2·H, 2·W, C], zeros outside.

    Differentiable any number of times.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
    """
    return upfirdn2d(x, UP_FILTER, 2, padding=(2, 1, 2, 1), implementation=implementation)


@explained(on_every_device)
def fir_downsample2d(x: tf.Tensor, implementation: str = "auto") -> tf.Tensor:
    """Returns [N, H, W, C] at half the resolution, [N, H/2, W/2, C], zeros outside.

    Differentiable any number of times.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16, with H and W even.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
    """
    return upfirdn2d(x, FILTER, down=2, padding=(1, 1, 1, 1), implementation=implementation)
