"""The 3×3 binomial low-pass filter around every resampling of StyleGAN (paper, section 2)."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from . import dispatch, library, xla
from .explanation import explained, on_every_device

BINOMIAL = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32) / 16


@explained(on_every_device)
def blur2d(x: tf.Tensor, implementation: str = "auto") -> tf.Tensor:
    """Filters every channel with [1, 2, 1]⊗[1, 2, 1] / 16, zeros outside.

    Differentiable any number of times.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        implementation: `"auto"`, `"compiled"` or `"reference"`.

    Returns:
        [N, H, W, C], in the dtype of `x`.
    """
    x = tf.convert_to_tensor(x)
    if kernels := dispatch.kernels(implementation, x.dtype):
        return kernels.stylegan_blur(x=x)
    return _blur(x)


@xla.gradient("StyleganBlur")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tf.Tensor:
    return library.load().require().stylegan_blur(x=dy)


@xla.plain_form("StyleganBlur")
@tf.custom_gradient
def _blur(x: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    # The kernel is symmetric and the padding zero, so the operator is its own transpose. The
    # forward kernel of a depthwise convolution is much faster than its backward ones.
    kernel = tf.constant(BINOMIAL, x.dtype)[:, :, None, None]
    kernel = tf.tile(kernel, [1, 1, tf.shape(x)[-1], 1])
    y = tf.nn.depthwise_conv2d(x, kernel, strides=[1, 1, 1, 1], padding="SAME")
    return tf.ensure_shape(y, x.shape), _blur
