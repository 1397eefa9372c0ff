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


PLAIN = {"resolution": 16, "fmap_max": 8}
GENERATORS = {"gan": sg.GANGenerator, "dcgan": sg.DCGANGenerator}
DISCRIMINATORS = {"gan": sg.GANDiscriminator, "dcgan": sg.DCGANDiscriminator}


def plain_generator(architecture="dcgan", **arguments) -> sg.DCGANGenerator | sg.GANGenerator:
    """A generator without w, 16×16, 8 feature maps or units, with random weights."""
    made = GENERATORS[architecture](**{**PLAIN, "latent_size": LATENT, **arguments})
    return randomize(made)


def plain_discriminator(
    architecture="dcgan", **arguments
) -> sg.DCGANDiscriminator | sg.GANDiscriminator:
    """Its discriminator, with random weights."""
    return randomize(DISCRIMINATORS[architecture](**{**PLAIN, **arguments}))
