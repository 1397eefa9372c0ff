"""Imports the network pickles of NVIDIA's code, running none of it.

Such a file holds three networks: G and D as they were trained, and the averaged generator. They are
descriptions and numbers; the source text that a file also holds is never looked at.
"""

import os
from typing import Any, NamedTuple

from stylegan_tf.importing import records, stylegan1
from stylegan_tf.importing.matching import Table
from stylegan_tf.importing.stylegan2 import pytorch, tensorflow, weights
from stylegan_tf.importing.stylegan2.description import (
    DiscriminatorArguments,
    GeneratorArguments,
    Stored,
)
from stylegan_tf.models import BaseDiscriminator, BaseGenerator
from stylegan_tf.unpickling import network_files
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown
from stylegan_tf.unpickling.reader import Record

# What the class of a network was called by the three code bases that wrote files of TensorFlow.
NETWORK_NAMES = {"dnnlib.tflib.network.Network", "tfutil.Network", "network.Network"}
Made = tuple[BaseGenerator | BaseDiscriminator, Table]


class Networks(NamedTuple):
    """The networks of a file: G and D as trained, and the average of G, for images."""

    generator: BaseGenerator
    discriminator: BaseDiscriminator
    generator_ema: BaseGenerator


def load_nvidia_pickle(path: str | os.PathLike[str]) -> Networks:
    """Loads the three networks of an NVIDIA StyleGAN, StyleGAN2 or Progressive GAN pickle.

    StyleGAN2's can come from its code for TensorFlow, from StyleGAN2-ADA for either framework, or
    from StyleGAN3's repository. Networks that NVIDIA released are not for commercial use: their
    terms are in `licence` of the generators.

    Args:
        path: of the .pkl file, protocol 2 to 5.

    Returns:
        `Networks`, with every weight set.

    Raises:
        UnsupportedCheckpointError: if the file is damaged, asks for anything but data, or does not
            hold three such networks, every variable of which is known and has the right shape.
    """
    return load_with_tables(path)[0]


def load_with_tables(path: str | os.PathLike[str]) -> tuple[Networks, list[Table]]:
    """Returns the networks of `load_nvidia_pickle`, and for each what was matched."""
    content = network_files.read(path, NETWORK_NAMES, pytorch.CLASSES)
    try:
        made = _of_pytorch(content) if isinstance(content, dict) else _of_tensorflow(content)
    except UnsupportedCheckpointError as refusal:
        raise UnsupportedCheckpointError(f"{path} is refused: {refusal}") from None
    return Networks(*(network for network, _ in made)), [table for _, table in made]


def _of_pytorch(content: dict[str, Any]) -> list[Made]:
    g, d, ema = pytorch.networks(content)
    stored = pytorch.generator(g), pytorch.discriminator(d), pytorch.generator(ema)
    return _stylegan2(*stored)


def _of_tensorflow(content: Any) -> list[Made]:
    triple = isinstance(content, (tuple, list)) and len(content) == 3
    if not triple or not all(isinstance(record, Record) for record in content):
        raise UnsupportedCheckpointError("it does not hold three networks (G, D, Gs)")
    versions = [records.version(record) for record in content]
    if all(version in stylegan1.VERSIONS for version in versions):
        g, d, ema = content
        return [stylegan1.generator(g), stylegan1.discriminator(d), stylegan1.generator(ema)]
    if all(version in tensorflow.VERSIONS for version in versions):
        g, d, ema = (records.StoredNetwork(record) for record in content)
        stored = tensorflow.generator(g), tensorflow.discriminator(d), tensorflow.generator(ema)
        return _stylegan2(*stored)
    raise UnsupportedCheckpointError(f"its networks have version {shown(versions)}, not 2 to 5")


def _stylegan2(
    g: Stored[GeneratorArguments],
    d: Stored[DiscriminatorArguments],
    ema: Stored[GeneratorArguments],
) -> list[Made]:
    return [weights.generator(g), weights.discriminator(d), weights.generator(ema)]
