"""Imports the network pickles of NVIDIA's StyleGAN and Progressive GAN, running none of their code.

Such a file holds three networks, (G, D, Gs): as they were trained, and the averaged generator. Its
networks are descriptions and numbers; the source text that it also holds is never looked at.
"""

import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from stylegan_tf.importing import arguments, bounded, parameter_counts
from stylegan_tf.importing.matching import Pair, Table, assign
from stylegan_tf.importing.published import discriminator_pairs, generator_pairs
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.unpickling import reader
from stylegan_tf.unpickling.arrays import array_of, is_number
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError, shown

# What the class of a network was called by the three code bases that wrote such files.
NETWORK_NAMES = {"dnnlib.tflib.network.Network", "tfutil.Network", "network.Network"}
VERSIONS = (2, 3)
PARTS = {"mapping", "synthesis"}
LICENCE = (
    "Networks that NVIDIA released are licensed CC BY-NC 4.0: not for commercial use, "
    "and neither is what is made from them."
)
NOT_WEIGHTS = {"lod", "G_synthesis/lod"}  # the level of detail that training had come to


class Networks(NamedTuple):
    """The networks of a file: G and D as trained, and the average of G, for images."""

    generator: Generator
    discriminator: Discriminator
    generator_ema: Generator


def load_nvidia_pickle(path: str | os.PathLike[str]) -> Networks:
    """Loads the three networks of an NVIDIA StyleGAN or Progressive GAN pickle.

    The networks that NVIDIA released are licensed CC BY-NC 4.0: not for commercial use.

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
    stored = read_networks(path)
    try:
        g, d, ema = (_Stored(record) for record in stored)
        generator, g_table = _generator(g)
        discriminator, d_table = _discriminator(d)
        generator_ema, ema_table = _generator(ema)
    except UnsupportedCheckpointError as refusal:
        raise UnsupportedCheckpointError(f"{path} is refused: {refusal}") from None
    networks = Networks(generator, discriminator, generator_ema)
    return networks, [g_table, d_table, ema_table]


def read_networks(path: str | os.PathLike[str]) -> tuple[Any, ...]:
    """Returns the three network records of a pickle."""
    content = reader.read(path, NETWORK_NAMES)
    networks = isinstance(content, (tuple, list)) and len(content) == 3
    if not networks or not all(isinstance(record, reader.Record) for record in content):
        raise UnsupportedCheckpointError(
            f"{path} is refused: it does not hold three networks (G, D, Gs)"
        )
    return tuple(content)


class _Stored:
    """A network as it was stored: its builder's name, its arguments, and all its variables."""

    def __init__(self, record: reader.Record):
        state = record.state
        if state.get("version") not in VERSIONS:
            raise UnsupportedCheckpointError(
                f"its networks have version {shown(state.get('version'))}, not 2 or 3"
            )
        self.builder = _of_kind(str, state.get("build_func_name"))
        self.arguments = _arguments(state)
        self.variables = _variables(state)
        for name, part in _of_kind(dict, state.get("components", {})).items():
            if name not in PARTS:
                raise UnsupportedCheckpointError(
                    f"it has a part {shown(name)}, which is not known here"
                )
            inner = _of_kind(reader.Record, part).state
            self.arguments |= _arguments(inner)
            self.variables |= {f"G_{name}/{key}": value for key, value in _variables(inner).items()}

    def network(self, kind: type, count: Callable[..., int], **arguments: Any) -> Any:
        """Returns the network, if it is not much larger than what is stored.

        Args:
            kind: `Generator` or `Discriminator`.
            count: the number of parameters of such a network, from its arguments.
            arguments: of the network.
        """
        arrays = {id(array): array.size for array in self.variables.values()}
        stored = len(self.variables), sum(arrays.values())
        return bounded.build(kind, count, *stored, **arguments)

    def set(self, pairs: list[Pair], equalized: bool) -> Table:
        """Sets the weights of a network, if exactly they are stored."""
        weights = {key: value for key, value in self.variables.items() if key not in NOT_WEIGHTS}
        return assign(pairs, weights, exactly=True, equalized=equalized)


def _arguments(state: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a network; a size may be a number of NumPy's."""
    stored = _of_kind(dict, state.get("static_kwargs", {}))
    return {name: array_of(v).item() if is_number(v) else v for name, v in stored.items()}


def _variables(state: dict[str, Any]) -> dict[str, Any]:
    pairs = _of_kind(list, state.get("variables", []))
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise UnsupportedCheckpointError("its variables are no pairs of a name and an array")
    return {_of_kind(str, name): array_of(value) for name, value in pairs}


def _of_kind(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise UnsupportedCheckpointError(
            f"it has a {type(value).__name__} where a {kind.__name__} belongs"
        )
    return value


def _generator(stored: _Stored) -> tuple[Generator, Table]:
    described = arguments.generator(stored.builder, stored.arguments)
    stored.variables = arguments.with_fused_names(stored.variables, "Conv0", "Conv0_up")
    grown = _grown(stored, described.network["resolution"])
    network = stored.network(
        Generator, parameter_counts.generator, **described.network, grown=grown, licence=LICENCE
    )
    prefix = "G_synthesis/" if described.styled else ""
    pairs = generator_pairs(network, prefix, described.fused_from)
    return network, stored.set(pairs, described.equalized)


def _discriminator(stored: _Stored) -> tuple[Discriminator, Table]:
    described = arguments.discriminator(stored.builder, stored.arguments)
    stored.variables = arguments.with_fused_names(stored.variables, "Conv1", "Conv1_down")
    network = stored.network(Discriminator, parameter_counts.discriminator, **described.network)
    return network, stored.set(discriminator_pairs(network), described.equalized)


def _grown(stored: _Stored, resolution: int) -> float | None:
    """How far training had come, from the level of detail; None for to the end."""
    stored_lod, top = stored.variables.get("lod", np.zeros([])), math.log2(resolution)
    if stored_lod.shape:
        raise UnsupportedCheckpointError(
            f"its level of detail is an array of shape {list(stored_lod.shape)}"
        )
    lod = stored_lod.item()
    if not 0 <= lod <= top - 2:
        raise UnsupportedCheckpointError(
            f"its level of detail is {lod:g}, which {resolution}² images lack"
        )
    return top - lod if lod else None
