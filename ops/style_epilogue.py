"""The epilogue of every convolution of the synthesis network: noise, bias, lrelu, AdaIN."""

from typing import Any

import tensorflow as tf

from . import dispatch, library, xla
from .bias_act import leaky_relu, of_shared_noise
from .blur2d import blur2d
from .explanation import explained, on_every_device

EPSILON = 1e-8


@explained(on_every_device)
def style_epilogue(
    x: tf.Tensor,
    noise: tf.Tensor | None,
    noise_strength: tf.Tensor | None,
    bias: tf.Tensor,
    style: tf.Tensor,
    implementation: str = "auto",
    blur: bool = False,
) -> tf.Tensor:
    """Returns `AdaIN(lrelu(x + noise · strength + bias), style)` (paper, figure 1b, equation 1).

    The compiled form has a compiled first derivative; further ones go through plain TensorFlow.

    Args:
        x: [N, H, W, C], float32, bfloat16 or float16.
        noise: [1 or N, H, W, 1], or None for no noise.
        noise_strength: [C], or None where `noise` is None.
        bias: [C].
        style: [N, 2·C]: the scale minus 1, then the bias of each feature map.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        blur: bool, filter `x` with `blur2d` first.

    Returns:
        [N, H, W, C], in the dtype of `x`. Statistics are computed in float32.

    Raises:
        ValueError: if `bias` or `style` does not fit the channels of `x`.
    """
    x = tf.convert_to_tensor(x)
    channels = x.shape[-1]
    if bias.shape[0] != channels or style.shape[-1] != 2 * channels:
        raise ValueError(
            f"x has {channels} channels: bias must be [{channels}] and style [N, {2 * channels}], "
            f"but they are {tuple(bias.shape)} and {tuple(style.shape)}"
        )
    if kernels := dispatch.kernels(implementation, x.dtype):
        return _compiled(kernels, x, noise, noise_strength, bias, style, blur)
    return _reference(x, noise, noise_strength, bias, style, blur)


def _reference(
    x: tf.Tensor,
    noise: tf.Tensor | None,
    noise_strength: tf.Tensor | None,
    bias: tf.Tensor,
    style: tf.Tensor,
    blur: bool,
) -> tf.Tensor:
    y = _activation(x, noise, noise_strength, bias, blur)
    return tf.cast(adain(y, tf.cast(style, tf.float32)), x.dtype)


def _activation(
    x: tf.Tensor,
    noise: tf.Tensor | None,
    noise_strength: tf.Tensor | None,
    bias: tf.Tensor,
    blur: bool,
) -> tf.Tensor:
    """What is normalized, in float32."""
    if blur:
        x = blur2d(x, implementation="reference")
    offset = tf.cast(bias, tf.float32)
    if noise is not None:
        offset = offset + tf.cast(noise, tf.float32) * tf.cast(noise_strength, tf.float32)
    return leaky_relu(tf.cast(x, tf.float32) + offset)


def adain(y: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """Returns the instance norm of y [N, H, W, C] with a style [N, 2·C] applied, all float32."""
    if y.shape[0] == 1 and not tf.config.list_physical_devices("GPU"):
        return _batch_norm(y, style)
    scale, shift = tf.split(style[:, None, :], 2, axis=-1)  # [N, 1, C] each
    pixels = tf.reshape(y, [tf.shape(y)[0], -1, y.shape[-1]])  # [N, H·W, C]
    centered = pixels - _mean(pixels)
    variance = _mean(tf.square(centered))  # [N, 1, C]
    styled = centered * (tf.math.rsqrt(variance + EPSILON) * (scale + 1)) + shift
    return tf.ensure_shape(tf.reshape(styled, tf.shape(y)), y.shape)


def _batch_norm(y: tf.Tensor, style: tf.Tensor) -> tf.Tensor:
    """The same for a single image, by TensorFlow's fused batch norm.

    On a CPU it is faster than separate ops, three times with the gradient. GPUs do not take it,
    since cuDNN has a larger minimum of epsilon.
    """
    scale, shift = tf.split(style[0], 2)
    none = tf.zeros([0])
    styled, *_ = tf.raw_ops.FusedBatchNormV3(
        x=y, scale=scale + 1, offset=shift, mean=none, variance=none, epsilon=EPSILON
    )
    return styled


def _mean(pixels: tf.Tensor) -> tf.Tensor:
    """[N, P, C] → [N, 1, C]. A matrix product: on a CPU it is twice as fast as tf.reduce_mean."""
    count = tf.shape(pixels)[1]
    weights = tf.fill([tf.shape(pixels)[0], 1, count], 1 / tf.cast(count, pixels.dtype))
    return tf.matmul(weights, pixels)


def _compiled(
    kernels: Any,
    x: tf.Tensor,
    noise: tf.Tensor | None,
    noise_strength: tf.Tensor | None,
    bias: tf.Tensor,
    style: tf.Tensor,
    blur: bool,
) -> tf.Tensor:
    if noise is None:
        noise, noise_strength = tf.zeros([0, 0, 0, 0]), tf.zeros_like(bias)
    parameters = [tf.cast(value, tf.float32) for value in (noise, noise_strength, bias, style)]
    names = ("noise", "strength", "bias", "style")
    y, *_ = kernels.stylegan_epilogue(x=x, **dict(zip(names, parameters, strict=True)), blur=blur)
    return y


@xla.plain_form("StyleganEpilogue")
def _plain(
    x: tf.Tensor,
    noise: tf.Tensor,
    strength: tf.Tensor,
    bias: tf.Tensor,
    style: tf.Tensor,
    blur: bool,
) -> tuple[tf.Tensor, ...]:
    y = _activation(x, _or_none(noise), strength, bias, blur)
    mean, variance = tf.nn.moments(y, [1, 2])
    return tf.cast(adain(y, style), x.dtype), mean, tf.math.rsqrt(variance + EPSILON)


@xla.gradient("StyleganEpilogue")
def _gradient(op: xla.Call, dy: tf.Tensor, *_: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
    x, noise, strength, bias, style = op.inputs
    blur = op.get_attr("blur")
    _, *statistics = op.outputs
    dx, *others = _epilogue_grad(dy, *op.inputs, *statistics, blur=blur)
    return dx, _noise_gradient(op, dy, dx), *others


def _epilogue_grad(
    dy: tf.Tensor,
    x: tf.Tensor,
    noise: tf.Tensor,
    strength: tf.Tensor,
    bias: tf.Tensor,
    style: tf.Tensor,
    mean: tf.Tensor,
    rstd: tf.Tensor,
    *,
    blur: bool,
) -> tuple[tf.Tensor, ...]:
    gradients: tuple[tf.Tensor, ...] = (
        library.load()
        .require()
        .stylegan_epilogue_grad(
            dy=dy,
            x=x,
            noise=noise,
            strength=strength,
            bias=bias,
            style=style,
            mean=mean,
            rstd=rstd,
            blur=blur,
        )
    )
    for gradient, like in zip(gradients, (x, strength, bias, style), strict=True):
        gradient.set_shape(like.shape)
    return gradients


@xla.plain_form("StyleganEpilogueGrad")
def _plain_gradient(
    dy: tf.Tensor,
    x: tf.Tensor,
    noise: tf.Tensor,
    strength: tf.Tensor,
    bias: tf.Tensor,
    style: tf.Tensor,
    mean: tf.Tensor,
    rstd: tf.Tensor,
    blur: bool,
) -> list[tf.Tensor]:
    """Where the statistics are functions of x."""
    sources = [x, strength, bias, style]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        y = _reference(x, _or_none(noise), strength, bias, style, blur)
    gradients: list[tf.Tensor] = tape.gradient(y, sources, dy, unconnected_gradients="zero")
    return gradients


def _or_none(noise: tf.Tensor) -> tf.Tensor | None:
    """Noise as the public function takes it; the kernels take none as an empty tensor."""
    return None if noise.shape[-1] == 0 else noise


def _noise_gradient(op: xla.Call, dy: tf.Tensor, dx: tf.Tensor) -> tf.Tensor | None:
    """The gradient by the noise, which only projection uses; elsewhere it is not computed."""
    x, noise, strength, bias, style = op.inputs
    if noise.shape[-1] != 1 or 1 in (getattr(op, "skip_input_indices", None) or ()):
        return None
    if op.get_attr("blur"):  # dx is of the blurred x, and filtered; noise needs it unfiltered
        blurred = blur2d(x)
        mean, rstd = op.outputs[1:]
        dx, *_ = _epilogue_grad(dy, blurred, noise, strength, bias, style, mean, rstd, blur=False)
    return of_shared_noise(tf.tensordot(tf.cast(dx, tf.float32), strength, 1), noise)


@xla.gradient("StyleganEpilogueGrad")
def _gradient_of_gradient(op: xla.Call, *upstream: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
    """Through plain TensorFlow."""
    dy, x, noise, strength, bias, style, mean, rstd = op.inputs
    arguments, blur = [dy, x, noise, strength, bias, style], op.get_attr("blur")
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        gradients = _plain_gradient(dy, x, noise, strength, bias, style, mean, rstd, blur)
    return *tape.gradient(gradients, arguments, list(upstream)), None, None
