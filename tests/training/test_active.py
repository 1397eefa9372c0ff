"""Which variables take part at a resolution."""

import tiny
from stylegan_tf.training.active import active_generator_variables, grown_generator_variables


def ids(variables):
    return {id(variable) for variable in variables}


def test_the_average_follows_rgb_of_lower_resolutions_that_get_no_gradient():
    network = tiny.generator(resolution=32)
    active, grown = (
        find(network, 16) for find in (active_generator_variables, grown_generator_variables)
    )
    first, *_, last = network.synthesis.to_rgb
    assert not ids(first.trainable_variables) & ids(active)
    assert ids(first.trainable_variables) <= ids(grown)
    assert ids(active) < ids(grown)
    assert not ids(last.trainable_variables) & ids(grown)
