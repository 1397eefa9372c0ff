"""The names and shapes of a stored network's weights, which its arguments imply.

Files from strangers choose the arguments. Shapes are compared before a network is made, so that
none is made that is larger than what is stored.
"""

import math

import numpy as np

from stylegan_tf.importing.bounded import SPARE
from stylegan_tf.importing.matching import Table
from stylegan_tf.importing.stylegan2.description import (
    ArgumentsT,
    DiscriminatorArguments,
    GeneratorArguments,
    Stored,
    feature_maps,
)
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

Shapes = dict[str, tuple[int, ...]]
OPTIONAL = {"mapping.w_avg"}  # truncation goes to it, and nothing else needs it


def generator(arguments: GeneratorArguments) -> Shapes:
    """Returns the shapes of the weights, of w's mean and of the images of noise by their names."""
    shapes = _mapping(arguments, arguments.latent_size, arguments.w_size)
    shapes["mapping.w_avg"] = (arguments.w_size,)
    before = 0
    for resolution in resolutions(arguments.resolution):
        block, maps = f"synthesis.b{resolution}", feature_maps(arguments, resolution)
        if resolution == 4:
            shapes[f"{block}.const"] = (maps, 4, 4)
        else:
            shapes |= _layer(f"{block}.conv0", before, maps, resolution, arguments.w_size)
        shapes |= _layer(f"{block}.conv1", maps, maps, resolution, arguments.w_size)
        if arguments.architecture == "skip" or resolution == arguments.resolution:
            shapes |= _affine(f"{block}.torgb", maps, arguments.channels, 1)
            shapes |= _affine(f"{block}.torgb.affine", arguments.w_size, maps)
        if arguments.architecture == "resnet" and resolution > 4:
            shapes[f"{block}.skip.weight"] = (maps, before, 1, 1)
        before = maps
    return shapes


def discriminator(arguments: DiscriminatorArguments) -> Shapes:
    """Returns the shapes of the weights by their names."""
    last = feature_maps(arguments, 4)
    shapes = _mapping(arguments, 0, last) if arguments.label_size else {}
    for resolution in reversed(resolutions(arguments.resolution)):
        block, maps = f"b{resolution}", feature_maps(arguments, resolution)
        if arguments.architecture == "skip" or resolution == arguments.resolution:
            shapes |= _affine(f"{block}.fromrgb", arguments.channels, maps, 1)
        if resolution > 4:
            after = feature_maps(arguments, resolution // 2)
            shapes |= _affine(f"{block}.conv0", maps, maps, 3)
            shapes |= _affine(f"{block}.conv1", maps, after, 3)
            if arguments.architecture == "resnet":
                shapes[f"{block}.skip.weight"] = (after, maps, 1, 1)
    shapes |= _affine("b4.conv", last + arguments.mbstd_num_features, last, 3)
    shapes |= _affine("b4.fc", 16 * last, last)
    return shapes | _affine("b4.out", last, last if arguments.label_size else 1)


def resolutions(full: int) -> list[int]:
    """Returns 4, 8, … up to the full resolution."""
    return [2**level for level in range(2, full.bit_length())]


def fitted(
    arguments: ArgumentsT, arrays: dict[str, np.ndarray], elements: int
) -> Stored[ArgumentsT]:
    """Returns a stored network, if its arrays are those that its arguments imply.

    Args:
        arguments: of a generator or a discriminator.
        arrays: what is stored, as `Stored` has it.
        elements: how many numbers are stored; arrays may share them.

    Raises:
        UnsupportedCheckpointError: if an array is missing, left over or has another shape, or they
            share so many numbers that a network would be much larger than what is stored.
    """
    if arguments.mapping_layers > len(arrays):
        raise UnsupportedCheckpointError("it has fewer variables than layers")
    if feature_maps(arguments, arguments.resolution) < 1:
        raise UnsupportedCheckpointError("it has no feature maps at its full resolution")
    if isinstance(arguments, GeneratorArguments):
        shapes = generator(arguments)
    else:
        shapes = discriminator(arguments)
    table = compared(shapes, arrays)
    if table.missing or table.misshapen or table.left_over:
        raise UnsupportedCheckpointError(f"the variables are not those of this network: {table}")
    if sum(map(math.prod, shapes.values())) > elements + SPARE:
        raise UnsupportedCheckpointError("its sizes are those of a larger network")
    return Stored(arguments, arrays)


def compared(shapes: Shapes, arrays: dict[str, np.ndarray]) -> Table:
    """Returns which arrays have the shapes that are needed, and which do not."""
    table = Table([], [], [], [name for name in arrays if name not in shapes])
    for name, shape in shapes.items():
        if name not in arrays:
            if name not in OPTIONAL:
                table.missing.append(name)
        elif arrays[name].shape != shape:
            given = list(arrays[name].shape)
            problem = f"{name} (its shape is {given} where {list(shape)} is needed)"
            table.misshapen.append(problem)
        else:
            table.matched.append(name)
    return table


def _mapping(
    arguments: GeneratorArguments | DiscriminatorArguments, latent_size: int, size: int
) -> Shapes:
    """Of a mapping network from latents and labels to vectors of a size."""
    shapes: Shapes = {}
    embedding = arguments.embedding_units if arguments.label_size else 0
    if embedding:
        shapes |= _affine("mapping.embed", arguments.label_size, embedding)
    hidden = [arguments.mapping_units] * (arguments.mapping_layers - 1)
    widths = [latent_size + embedding, *hidden, size]
    for index in range(arguments.mapping_layers):
        shapes |= _affine(f"mapping.fc{index}", widths[index], widths[index + 1])
    return shapes


def _layer(name: str, before: int, maps: int, resolution: int, w_size: int) -> Shapes:
    """Of a modulated convolution with noise."""
    return {
        **_affine(name, before, maps, 3),
        **_affine(f"{name}.affine", w_size, before),
        f"{name}.noise_strength": (),
        f"{name}.noise_const": (resolution, resolution),
    }


def _affine(name: str, before: int, after: int, kernel: int = 0) -> Shapes:
    """Of a weight, with a kernel for convolutions, and its bias."""
    window = (kernel, kernel) if kernel else ()
    return {f"{name}.weight": (after, before, *window), f"{name}.bias": (after,)}
