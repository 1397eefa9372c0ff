"""Which variables take part at a resolution."""

import tiny


def ids(variables):
    return {id(variable) for variable in variables}


def test_the_average_follows_rgb_of_lower_resolutions_that_get_no_gradient():
    network = tiny.generator(resolution=32)
    trainable, grown = network.trainable_at(16), network.grown_at(16)
    first, *_, last = network.synthesis.to_rgb
    assert not ids(first.trainable_variables) & ids(trainable)
    assert ids(first.trainable_variables) <= ids(grown)
    assert ids(trainable) < ids(grown)
    assert not ids(last.trainable_variables) & ids(grown)


def test_of_the_discriminator_it_is_every_block_from_the_resolution_down():
    network = tiny.discriminator(resolution=32)
    blocks = network.blocks  # of 8×8, 16×16 and 32×32
    trainable = ids(network.trainable_at(16))
    assert ids(variable for block in blocks[:2] for variable in block.trainable_variables) <= (
        trainable
    )
    assert not ids(blocks[2].trainable_variables) & trainable
    assert not ids(network.from_rgb[0].trainable_variables) & trainable


def test_at_the_full_resolution_of_a_small_network_everything_takes_part():
    generator, discriminator = tiny.generator(resolution=8), tiny.discriminator(resolution=8)
    assert ids(generator.trainable_at(8)) == ids(generator.trainable_variables)
    assert ids(discriminator.trainable_at(8)) == ids(discriminator.trainable_variables)
