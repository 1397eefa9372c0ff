"""Convolution with weights that a style scales for each image (StyleGAN2, equations 1 to 3)."""

import math

import tensorflow as tf

from .conv2d import conv2d
from .explanation import convolution, explained
from .fir_upsample_conv2d import fir_upsample_conv2d

EPSILON = 1e-8
FORMS = ("auto", "fused", "unfused")


@explained(convolution)
def modulated_conv2d(
    x: tf.Tensor,
    w: tf.Tensor,
    style: tf.Tensor,
    demodulate: bool = True,
    up: bool = False,
    implementation: str = "auto",
    form: str = "auto",
    gain: float = 1.0,
) -> tf.Tensor:
    """Convolves each image with weights of its own: `w[…, i, o] · style[n, i]`, demodulated.

    Demodulation divides what makes each feature map by its norm. Differentiable any number of
    times by x, w and style.

    There are two forms of the same arithmetic. `"unfused"` scales the maps that go in and those
    that come out. `"fused"` scales the weights, and is for a single image: of several, every one
    would need a convolution of its own. `"auto"` is the fused form where there is one image, known
    when the graph is made, and the weights are fewer than the numbers in its maps.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        w: [k, k, C, D] with k odd, float32.
        style: [N, C].
        demodulate: bool.
        up: bool, upsample as `fir_upsample_conv2d` does.
        implementation: `"auto"`, `"compiled"` or `"reference"`, of the convolution.
        form: `"auto"`, `"fused"` or `"unfused"`.
        gain: float, multiplies the result.

    Returns:
        [N, H, W, D], or [N, 2·H, 2·W, D], in the dtype of `x`.

    Raises:
        ValueError: if `style` does not fit, for another form, or the fused one of several images.
    """
    x, w = tf.convert_to_tensor(x), tf.convert_to_tensor(w)
    w = tf.cast(w, tf.float32) if w.dtype.size < 4 else w
    style = tf.cast(style, w.dtype)
    if style.shape[-1] != w.shape[2]:
        raise ValueError(f"style has {style.shape[-1]} entries, but w has {w.shape[2]} inputs")
    scale: tf.Tensor | None = None
    if demodulate:
        if x.dtype == tf.float16:
            w, style = _in_range(w, style)
        scale, gain = _demodulation(w, style) * gain, 1.0  # [N, D]
    convolve = fir_upsample_conv2d if up else conv2d
    if _is_fused(form, x, w):
        w *= style[0, :, None]
        return convolve(x, w if scale is None else w * scale[0], implementation, gain)
    y = convolve(x * tf.cast(style[:, None, None], x.dtype), w, implementation, gain)
    return y if scale is None else y * tf.cast(scale[:, None, None], y.dtype)


def _demodulation(w: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """Returns 1 / √(Σ (w · style)² + ε) for each image and feature map, [N, D]."""
    squares = tf.reduce_sum(tf.square(w), axis=[0, 1])  # [C, D]
    return tf.math.rsqrt(tf.matmul(tf.square(style), squares) + EPSILON)


def _in_range(w: tf.Tensor, style: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Scales weights and styles so that float16 holds the maps in between.

    Demodulation cancels it, and so the gradient by the factors is 0.
    """
    largest = tf.reduce_max(tf.abs(w), axis=[0, 1, 2]) * math.sqrt(math.prod(w.shape[:3]))
    of_style = tf.reduce_max(tf.abs(style), axis=1, keepdims=True)
    return w / tf.stop_gradient(largest), style / tf.stop_gradient(of_style)


def _is_fused(form: str, x: tf.Tensor, w: tf.Tensor) -> bool:
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; it can be one of {', '.join(FORMS)}")
    n, h, width, _ = x.shape
    if form == "fused" and n != 1:
        raise ValueError(f"the fused form is for one image, but x has {n or 'any number'}")
    if form != "auto":
        return form == "fused"
    is_static = n == 1 and None not in (h, width)
    return bool(is_static and h * width * sum(w.shape[2:]) > math.prod(w.shape))
