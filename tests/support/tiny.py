"""Networks small enough for a test."""

import numpy as np
import tensorflow as tf

import stylegan_tf as sg
from weights import randomize

LATENT = 6
GENERATOR = {
    "resolution": 16,
    "fmap_max": 8,
    "latent_size": LATENT,
    "w_size": 5,
    "mapping_units": 7,
    "mapping_layers": None,
}
DISCRIMINATOR = {"resolution": 16, "fmap_max": 8}


def generator(**arguments) -> sg.Generator:
    """16×16, 8 feature maps, with random weights: fresh ones have no noise and no biases."""
    return randomize(sg.Generator(**{**GENERATOR, **arguments}))


def discriminator(**arguments) -> sg.Discriminator:
    """16×16, 8 feature maps, with random weights."""
    return randomize(sg.Discriminator(**{**DISCRIMINATOR, **arguments}))


def latents(count=4) -> tf.Tensor:
    """z, [count, 6]."""
    return draw(count, LATENT)


def draw(*shape, seed=0) -> tf.Tensor:
    """Normally distributed numbers, the same in every run."""
    return tf.constant(np.random.default_rng(seed).standard_normal(shape), tf.float32)


def generator2(**arguments) -> sg.StyleGAN2Generator:
    """StyleGAN2's, 16×16, 8 feature maps, with random weights."""
    return randomize(sg.StyleGAN2Generator(**{**GENERATOR, **arguments}))


def discriminator2(**arguments) -> sg.StyleGAN2Discriminator:
    """StyleGAN2's, 16×16, 8 feature maps, with random weights."""
    return randomize(
        sg.StyleGAN2Discriminator(**{**DISCRIMINATOR, "mapping_layers": 1, **arguments})
    )
