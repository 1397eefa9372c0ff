"""Which variables take part at a resolution: gradients, updates and averages leave out the rest."""

from stylegan_tf.models import Discriminator, Generator


def active_generator_variables(generator: Generator, resolution: int) -> list:
    """Returns the trainable variables that images at a resolution depend on, of all blocks."""
    level = resolution.bit_length() - 1
    newest = slice(max(level - 3, 0), level - 1)
    return _generator_variables(generator, level, generator.synthesis.to_rgb[newest])


def grown_generator_variables(generator: Generator, resolution: int) -> list:
    """Returns the same and the layers to RGB of all lower resolutions: all ever in use."""
    level = resolution.bit_length() - 1
    return _generator_variables(generator, level, generator.synthesis.to_rgb[: level - 1])


def _generator_variables(generator: Generator, level: int, to_rgb: list) -> list:
    """Those of the mapping network, of all layers up to 2^level, and of some layers to RGB."""
    layers = generator.synthesis.synthesis_layers[: 2 * level - 2]
    return _variables([generator.mapping, *layers, *to_rgb])


def active_discriminator_variables(discriminator: Discriminator, resolution: int) -> list:
    """Returns the trainable variables that logits at a resolution depend on."""
    level = resolution.bit_length() - 1
    layers = [
        *discriminator.from_rgb[max(level - 3, 0) : level - 1],
        *discriminator.blocks[: level - 2],
        discriminator.conv,
        discriminator.dense0,
        discriminator.dense1,
    ]
    return _variables(layers)


def _variables(layers) -> list:
    return [variable for layer in layers for variable in layer.trainable_variables]
