"""A layer with its leaky ReLU as StyleGAN2 has them: the gain is behind the bias."""

import tensorflow as tf

from stylegan_tf import ops
from stylegan_tf.layers.equalized_conv import EqualizedConv2D
from stylegan_tf.layers.equalized_dense import EqualizedDense


def activated(
    layer: EqualizedConv2D | EqualizedDense, x: tf.Tensor, clamp: float | None = None
) -> tf.Tensor:
    """Returns `gain · lrelu(layer(x))`, with the gain that is in the scale of the layer.

    A leaky ReLU takes a factor through: in the scale of the weights it costs nothing, and what is
    left is to multiply the bias, too. The dense layers of StyleGAN multiply the weights alone.

    Args:
        layer: with a bias.
        x: what goes into it.
        clamp: the largest magnitude of a result, or None.
    """
    bias = layer.scaled_bias() * layer.gain
    return ops.bias_act(layer(x, add_bias=False), bias, clamp=clamp)
