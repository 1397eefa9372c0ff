"""The convolutions of a DCGAN: 5×5, of stride 2, with weights that begin at N(0, 0.02)."""

from typing import Any

import keras

KERNEL, STRIDE, STDDEV = 5, 2, 0.02
SIDE = 4  # of the feature maps next to the latents, and next to the logits


def first_weights() -> keras.initializers.Initializer:
    """Returns the initializer of all weights (Radford et al. 2015, section 4)."""
    return keras.initializers.RandomNormal(stddev=STDDEV)


def down(filters: int, use_bias: bool, name: str) -> keras.layers.Conv2D:
    """Returns a convolution that halves the resolution."""
    return keras.layers.Conv2D(filters, KERNEL, **_arguments(use_bias, name))


def up(filters: int, use_bias: bool, name: str) -> keras.layers.Conv2DTranspose:
    """Returns a transposed convolution that doubles the resolution."""
    return keras.layers.Conv2DTranspose(filters, KERNEL, **_arguments(use_bias, name))


def _arguments(use_bias: bool, name: str) -> dict[str, Any]:
    return {
        "strides": STRIDE,
        "padding": "same",
        "use_bias": use_bias,
        "kernel_initializer": first_weights(),
        "name": name,
    }
