"""The weights of a network under their published names, in the layouts of PyTorch."""

import numpy as np

from stylegan_tf.importing import layouts
from stylegan_tf.importing.matching import Pair
from stylegan_tf.importing.published import discriminator_pairs, generator_pairs
from stylegan_tf.importing.stylegan2 import weights as stylegan2
from stylegan_tf.importing.stylegan2.arguments import FILTER
from stylegan_tf.models import (
    BaseDiscriminator,
    BaseGenerator,
    StyleGAN2Discriminator,
    StyleGAN2Generator,
)

Arrays = dict[str, np.ndarray]
PREFIX_OF_D = "D."
# The layers whose modules have a filter, whether they resample or not; those to RGB have none.
WITH_FILTER = ("conv", "conv0", "conv1", "skip", "fromrgb")
LAST_OF_D = "b4"  # no block like the others: it has no filter of its own


def published_arrays(
    generator: BaseGenerator, discriminator: BaseDiscriminator | None = None
) -> Arrays:
    """Returns the weights of a network by their published names.

    Those of StyleGAN2 are the state dict of its PyTorch code, buffers included:
    "mapping.fc0.weight", "synthesis.b8.conv0.resample_filter". Those of StyleGAN and Progressive
    GAN, which were never published for PyTorch, have the names of TensorFlow's variables:
    "G_synthesis/8x8/Conv0_up/weight".

    Args:
        generator: a generator of any architecture.
        discriminator: its discriminator, or None.

    Returns:
        float32 arrays: kernels [out, in, h, w], matrices [out, in], images [C, H, W]. Names of the
        discriminator begin with "D.".
    """
    if isinstance(generator, StyleGAN2Generator):
        arrays = _with_filters(_stored(stylegan2.generator_pairs(generator)))
    else:
        is_progressive_gan = generator.architecture == "a"
        pairs = generator_pairs(generator, "" if is_progressive_gan else "G_synthesis/")
        arrays = _channels_first(_stored(pairs))
    if discriminator is not None:
        arrays |= {PREFIX_OF_D + name: array for name, array in _of_d(discriminator).items()}
    return {name: np.asarray(array, np.float32, order="C") for name, array in arrays.items()}


def _of_d(discriminator: BaseDiscriminator) -> Arrays:
    if isinstance(discriminator, StyleGAN2Discriminator):
        return _with_filters(_stored(stylegan2.discriminator_pairs(discriminator)))
    return _channels_first(_stored(discriminator_pairs(discriminator)))


def _stored(pairs: list[Pair]) -> Arrays:
    return {pair.name: layouts.INVERSES[pair.convert](np.asarray(pair.weight)) for pair in pairs}


def _channels_first(arrays: Arrays) -> Arrays:
    """From the layout of TensorFlow's variables to that of PyTorch."""
    result = {}
    for name, array in arrays.items():
        if name.endswith("/weight") and array.ndim == 4:
            array = layouts.kernel_to_oihw(array)
        elif name.endswith("/weight") and array.ndim == 2:
            array = array.T
        result[name] = array
    return result


def _with_filters(arrays: Arrays) -> Arrays:
    """Adds the filter [1, 3, 3, 1] under all the names that modules of StyleGAN2 have it by."""
    result = {}
    outer = np.outer(FILTER, FILTER) / sum(FILTER) ** 2
    for name, array in arrays.items():
        result[name] = array
        layer, _, kind = name.rpartition(".")
        block, _, last = layer.rpartition(".")
        if kind == "weight" and last in WITH_FILTER:
            result[f"{layer}.resample_filter"] = outer
            if block != LAST_OF_D:
                result[f"{block}.resample_filter"] = outer
    return result
