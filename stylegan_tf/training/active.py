"""Which variables take part at a resolution: gradients, updates and averages leave out the rest."""

from stylegan_tf.models import Discriminator, Generator


def active_generator_variables(generator: Generator, resolution: int) -> list:
    """Trainable variables that pictures at a resolution depend on, of every lower block too."""
    synthesis = generator.synthesis
    level = resolution.bit_length() - 1
    layers = [
        generator.mapping,
        *synthesis.synthesis_layers[: 2 * level - 2],
        *synthesis.to_rgb[max(level - 3, 0) : level - 1],
    ]
    return _variables(layers)


def grown_generator_variables(generator: Generator, resolution: int) -> list:
    """Trainable variables of everything up to a resolution, colours of lower ones included."""
    synthesis = generator.synthesis
    level = resolution.bit_length() - 1
    layers = [
        generator.mapping,
        *synthesis.synthesis_layers[: 2 * level - 2],
        *synthesis.to_rgb[: level - 1],
    ]
    return _variables(layers)


def active_discriminator_variables(discriminator: Discriminator, resolution: int) -> list:
    """Trainable variables that logits at a resolution depend on."""
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
