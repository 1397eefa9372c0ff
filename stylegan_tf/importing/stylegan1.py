"""Makes the networks that the published StyleGAN and Progressive GAN store: G, D and Gs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from stylegan_tf.importing import arguments, bounded, parameter_counts
from stylegan_tf.importing.licence import STYLEGAN
from stylegan_tf.importing.matching import Pair, Table, assign
from stylegan_tf.importing.published import discriminator_pairs, generator_pairs
from stylegan_tf.importing.records import StoredNetwork
from stylegan_tf.models import Discriminator, Generator
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError
from stylegan_tf.unpickling.reader import Record

VERSIONS = (2, 3)
NOT_WEIGHTS = {"lod", "G_synthesis/lod"}  # the level of detail that training had come to


def generator(record: Record) -> tuple[Generator, Table]:
    """Returns the generator of a record, and what was matched.

    Raises:
        UnsupportedCheckpointError: if it is another network, or a variable does not fit.
    """
    stored = StoredNetwork(record, "G_")
    described = arguments.generator(stored.builder, stored.arguments)
    stored.variables = arguments.with_fused_names(stored.variables, "Conv0", "Conv0_up")
    grown = _grown(stored, described.network["resolution"])
    network = _network(
        stored,
        Generator,
        parameter_counts.generator,
        **described.network,
        grown=grown,
        licence=STYLEGAN,
    )
    prefix = "G_synthesis/" if described.styled else ""
    pairs = generator_pairs(network, prefix, described.fused_from)
    return network, _set(stored, pairs, described.equalized)


def discriminator(record: Record) -> tuple[Discriminator, Table]:
    """Returns the discriminator of a record, and what was matched.

    Raises:
        UnsupportedCheckpointError: if it is another network, or a variable does not fit.
    """
    stored = StoredNetwork(record)
    described = arguments.discriminator(stored.builder, stored.arguments)
    stored.variables = arguments.with_fused_names(stored.variables, "Conv1", "Conv1_down")
    network = _network(stored, Discriminator, parameter_counts.discriminator, **described.network)
    return network, _set(stored, discriminator_pairs(network), described.equalized)


def _grown(stored: StoredNetwork, resolution: int) -> float | None:
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


def _network(stored: StoredNetwork, kind: type, count: Callable[..., int], **described: Any) -> Any:
    """Returns a network, if it is not much larger than what is stored.

    Args:
        stored: all its variables.
        kind: `Generator` or `Discriminator`.
        count: the number of parameters of such a network, from its arguments.
        described: its arguments.
    """
    return bounded.build(kind, count, len(stored.variables), stored.elements, **described)


def _set(stored: StoredNetwork, pairs: list[Pair], equalized: bool) -> Table:
    """Sets the weights of a network, if exactly they are stored."""
    weights = {key: value for key, value in stored.variables.items() if key not in NOT_WEIGHTS}
    return assign(pairs, weights, exactly=True, equalized=equalized)
