"""Noise, bias, leaky ReLU, gain and clamp."""

import math

import tensorflow as tf

from . import dispatch, library, xla
from .explanation import explained, on_every_device

SLOPE = 0.2
# The smallest positive number that arithmetic does not flush to zero.
MIN_POSITIVE = {tf.float16: 6e-8, tf.bfloat16: 1.2e-38, tf.float32: 1.2e-38, tf.float64: 2.3e-308}


@explained(on_every_device)
def bias_act(
    x: tf.Tensor,
    b: tf.Tensor,
    implementation: str = "auto",
    gain: float = 1.0,
    clamp: float | None = None,
    noise: tf.Tensor | None = None,
    strength: tf.Tensor | None = None,
) -> tf.Tensor:
    """Adds noise and a bias, then applies a leaky ReLU of slope 0.2, a gain and a bound.

    Returns `lrelu(x + noise · strength + b) · gain`, clamped. Differentiable any number of times;
    the derivative at 0 is `gain`, and 0 where it is clamped.

    Args:
        x: [..., C], float32, bfloat16 or float16.
        b: [C], any float dtype.
        implementation: `"auto"`, `"compiled"` or `"reference"`.
        gain: float above 0. In plain TensorFlow it is a pass of its own, which costs nothing if it
            is in `b`, in `strength` and in what makes `x`.
        clamp: float, the largest magnitude of a result; None for no bound.
        noise: [1 or N, H, W, 1] for x [N, H, W, C], or None for no noise.
        strength: [], or None where `noise` is None.

    Returns:
        [..., C], in the dtype of `x`.

    Raises:
        ValueError: if the last dimension of `x` is not that of `b`, or `noise` comes without
            `strength`.
    """
    x, b = tf.convert_to_tensor(x), tf.convert_to_tensor(b)
    if x.shape[-1] != b.shape[0]:
        raise ValueError(f"b has {b.shape[0]} entries, but x has {x.shape[-1]} channels")
    if (noise is None) != (strength is None):
        raise ValueError("noise and strength belong together: give both or none of them")
    if noise is not None:
        noise, strength = tf.convert_to_tensor(noise), tf.convert_to_tensor(strength)
    if kernels := dispatch.kernels(implementation, x.dtype):
        if noise is None:
            noise, strength = tf.zeros([0]), tf.zeros([])
        return kernels.stylegan_bias_act(
            x=x,
            bias=tf.cast(b, tf.float32),
            noise=tf.cast(noise, tf.float32),
            strength=tf.cast(strength, tf.float32),
            gain=gain,
            clamp=math.inf if clamp is None else clamp,
        )
    return _reference(x, b, noise, strength, gain, clamp)


def _reference(
    x: tf.Tensor,
    bias: tf.Tensor,
    noise: tf.Tensor | None,
    strength: tf.Tensor | None,
    gain: float,
    clamp: float | None,
) -> tf.Tensor:
    if noise is not None and strength is not None:
        x += tf.cast(tf.cast(noise, strength.dtype) * strength, x.dtype)
    y = leaky_relu(x + tf.cast(bias, x.dtype))
    y = y if gain == 1 else y * gain
    return y if clamp is None else tf.clip_by_value(y, -clamp, clamp)


@xla.plain_form("StyleganBiasAct")
def _plain(
    x: tf.Tensor,
    bias: tf.Tensor,
    noise: tf.Tensor,
    strength: tf.Tensor,
    gain: float,
    clamp: float,
) -> tf.Tensor:
    bound = None if clamp == math.inf else clamp
    return _reference(x, bias, noise if _is_there(noise) else None, strength, gain, bound)


@xla.gradient("StyleganBiasAct")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
    _, _, noise, strength = op.inputs
    dx, dbias, dnoise = _bias_act_grad(op, dy, op.outputs[0], noise)
    if not _is_there(noise):
        return dx, dbias, None, None
    dnoise = of_shared_noise(dnoise, noise)
    return dx, dbias, dnoise * strength, tf.reduce_sum(dnoise * noise)


@xla.gradient("StyleganBiasActGrad")
def _gradient_of_gradient(
    op: xla.Call, dx: tf.Tensor, dbias: tf.Tensor, dnoise: tf.Tensor
) -> tuple[tf.Tensor, None]:
    _, y = op.inputs
    kernels = library.load().require()
    masked = kernels.stylegan_masked_bias(g=dx, bias=dbias, noise=dnoise, y=y, **_activation(op))
    return masked, None  # the slope is constant wherever it has a derivative


@xla.gradient("StyleganMaskedBias")
def _gradient_of_masked_bias(op: xla.Call, dx: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
    _, _, noise, y = op.inputs
    return *_bias_act_grad(op, dx, y, noise), None


def _bias_act_grad(
    op: xla.Call, dy: tf.Tensor, y: tf.Tensor, noise: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The gradients by x, by the bias, and by the noise of every pixel, [N, H, W, 1]."""
    has_noise = _is_there(noise)
    dx, dbias, dnoise = (
        library.load()
        .require()
        .stylegan_bias_act_grad(dy=dy, y=y, noise=has_noise, **_activation(op))
    )
    dbias.set_shape(y.shape[-1:])
    dnoise.set_shape(y.shape[:-1].concatenate(1) if has_noise else [0])
    return dx, dbias, dnoise


def _activation(op: xla.Call) -> dict[str, float]:
    return {name: op.get_attr(name) for name in ("gain", "clamp")}


def _is_there(noise: tf.Tensor) -> bool:
    """Returns whether there is noise; the kernels take none as an empty tensor."""
    return bool(noise.shape[-1] != 0)


def of_shared_noise(gradient: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Returns the gradient by noise, [1 or N, H, W, 1], of that by the noise of each image.

    Args:
        gradient: [N, H, W] or [N, H, W, 1]. Where all images share the noise, theirs are added.
        noise: [1 or N, H, W, 1].
    """
    shape = tf.shape(noise)
    sharing = tf.shape(gradient)[0] // tf.maximum(shape[0], 1)
    return tf.reduce_sum(tf.reshape(gradient, tf.concat([[sharing], shape], 0)), 0)


@xla.plain_form("StyleganBiasActGrad")
def _plain_gradient(
    dy: tf.Tensor, y: tf.Tensor, gain: float, clamp: float, noise: bool
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    dx = _times_derivative(dy, y, gain, clamp)
    wide = tf.cast(dx, tf.float32)
    dnoise = tf.reduce_sum(wide, -1, keepdims=True) if noise else tf.zeros([0])
    return dx, tf.reduce_sum(wide, tf.range(tf.rank(dx) - 1)), dnoise


@xla.plain_form("StyleganMaskedBias")
def _plain_masked_bias(
    g: tf.Tensor, bias: tf.Tensor, noise: tf.Tensor, y: tf.Tensor, gain: float, clamp: float
) -> tf.Tensor:
    total = tf.cast(g, tf.float32) + bias
    if _is_there(noise):
        total += noise
    return tf.cast(_times_derivative(total, y, gain, clamp), g.dtype)


def _times_derivative(dy: tf.Tensor, y: tf.Tensor, gain: float, clamp: float) -> tf.Tensor:
    dx = _times_slope(dy, tf.cast(y, dy.dtype))
    dx = dx if gain == 1 else dx * gain
    if clamp == math.inf:
        return dx
    return tf.where(tf.abs(y) >= tf.constant(clamp, y.dtype), tf.zeros_like(dx), dx)


@tf.custom_gradient
def leaky_relu(x: tf.Tensor) -> tf.Tensor:
    """Returns `max(x, 0.2·x)`, with derivative 1 at 0 as published; tf.nn.leaky_relu has 0.2."""

    def grad(dy: tf.Tensor) -> tf.Tensor:
        return _times_slope(dy, x)

    return tf.nn.leaky_relu(x, SLOPE), grad


def _times_slope(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    # This number moves zeros, and only them, to the side where the slope is 1.
    sign = tf.stop_gradient(x + tf.constant(MIN_POSITIVE[x.dtype], x.dtype))
    return tf.raw_ops.LeakyReluGrad(gradients=dy, features=sign, alpha=SLOPE)
