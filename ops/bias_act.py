"""Bias and leaky ReLU."""

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
) -> tf.Tensor:
    """Adds a bias per channel, then applies a leaky ReLU of slope 0.2: `lrelu(x + b) · gain`.

    Differentiable any number of times; the derivative at 0 is `gain`, and 0 where it is clamped.

    Args:
        x: [..., C], float32, bfloat16 or float16.
        b: [C], any float dtype.
        implementation: `"auto"`, `"compiled"` or `"reference"`. Gain and clamp are TensorFlow's
            own: a pass each over what the compiled op gives. A gain costs nothing if it is in `b`
            and in what makes `x`.
        gain: float above 0.
        clamp: float, the largest magnitude of a result; None for no bound.

    Returns:
        [..., C], in the dtype of `x`.

    Raises:
        ValueError: if the last dimension of `x` is not that of `b`.
    """
    x, b = tf.convert_to_tensor(x), tf.convert_to_tensor(b)
    if x.shape[-1] != b.shape[0]:
        raise ValueError(f"b has {b.shape[0]} entries, but x has {x.shape[-1]} channels")
    if kernels := dispatch.kernels(implementation, x.dtype):
        y = kernels.stylegan_bias_act(x=x, bias=tf.cast(b, tf.float32))
    else:
        y = _reference(x, b)
    y = y if gain == 1 else y * gain
    return y if clamp is None else tf.clip_by_value(y, -clamp, clamp)


@xla.plain_form("StyleganBiasAct")
def _reference(x: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    return leaky_relu(x + tf.cast(bias, x.dtype))


@xla.gradient("StyleganBiasAct")
def _gradient(op: xla.Call, dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    (y,) = op.outputs
    return _bias_act_grad(dy, y)


@xla.gradient("StyleganBiasActGrad")
def _gradient_of_gradient(op: xla.Call, dx: tf.Tensor, dbias: tf.Tensor) -> tuple[tf.Tensor, None]:
    _, y = op.inputs
    masked = library.load().require().stylegan_masked_bias(g=dx, bias=dbias, y=y)
    return masked, None  # the slope is constant wherever it has a derivative


@xla.gradient("StyleganMaskedBias")
def _gradient_of_masked_bias(op: xla.Call, dx: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, None]:
    *_, y = op.inputs
    return *_bias_act_grad(dx, y), None


def _bias_act_grad(dy: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    dx, dbias = library.load().require().stylegan_bias_act_grad(dy=dy, y=y)
    dbias.set_shape(y.shape[-1:])
    return dx, dbias


@xla.plain_form("StyleganBiasActGrad")
def _plain_gradient(dy: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    dx = _times_slope(dy, y)
    return dx, tf.reduce_sum(tf.cast(dx, tf.float32), tf.range(tf.rank(dx) - 1))


@xla.plain_form("StyleganMaskedBias")
def _plain_masked_bias(g: tf.Tensor, bias: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    total = tf.cast(g, tf.float32) + bias
    return tf.cast(_times_slope(total, tf.cast(y, tf.float32)), g.dtype)


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
