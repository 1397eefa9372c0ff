"""Compares our StyleGAN2 networks with published arrays."""

import numpy as np

import published2
import stylegan_tf as sg


def assert_has(network, arrays: dict) -> None:
    """Every weight of a network is the published one, in our layout as the tests know it."""
    if isinstance(network, sg.StyleGAN2Generator):
        pairs = published2.generator_pairs(network)
    else:
        pairs = published2.discriminator_pairs(network)
    assert {name for _, name, _ in pairs} == set(arrays)
    for weight, name, layout in pairs:
        expected = layout(arrays[name])  # styles without their 1 are rounded once more
        np.testing.assert_allclose(np.asarray(weight), expected, rtol=0, atol=1e-6, err_msg=name)
