"""Compares weights with stored variables first, and sets them only when everything fits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.importing.layouts import unchanged
from stylegan_tf.unpickling.errors import UnsupportedCheckpointError

LONGEST = 120  # characters of a name in a message; a file can have any


@dataclass(frozen=True)
class Pair:
    """A weight of ours, the name under which it is stored, and how its layout becomes ours.

    An `optional` weight keeps its value where nothing is stored. `scale` is what our network
    multiplies the weight with at run time, but for a multiplier of its learning rate.
    """

    weight: Any
    name: str
    convert: Callable[..., Any] = unchanged
    optional: bool = False
    scale: float = 1.0


@dataclass(frozen=True)
class Table:
    """What came of comparing: names, and for wrong shapes a line of text each."""

    matched: list[str]
    missing: list[str]
    misshapen: list[str]
    left_over: list[str]

    def __str__(self) -> str:
        rows = [f"{len(self.matched)} variables matched"]
        for what in ("missing", "misshapen", "left_over"):
            names = getattr(self, what)
            shown = [name[:LONGEST] for name in names[:5]] + (["…"] if len(names) > 5 else [])
            if names:
                rows.append(f"{len(names)} {what.replace('_', ' ')}: {', '.join(shown)}")
        return "; ".join(rows)


def compare(pairs: list[Pair], variables: dict[str, np.ndarray]) -> Table:
    """Finds for each weight its variable, and what does not fit."""
    names = {pair.name for pair in pairs}
    table = Table([], [], [], [name for name in variables if name not in names])
    for pair in pairs:
        if pair.name in variables:
            problem = _misfit(pair, variables[pair.name])
            (table.misshapen if problem else table.matched).append(problem or pair.name)
        elif not pair.optional:
            table.missing.append(pair.name)
    return table


def assign(
    pairs: list[Pair],
    variables: dict[str, np.ndarray],
    exactly: bool = False,
    equalized: bool = True,
) -> Table:
    """Sets every weight, if nothing is missing and every shape is right.

    Args:
        pairs: the weights.
        variables: what is stored, by name.
        exactly: whether nothing may be left over, either.
        equalized: whether they come from a network that scales its weights at run time, as ours
            does. Those of another are divided by the scale: the network computes the same.

    Raises:
        UnsupportedCheckpointError: otherwise, with the names.
    """
    table = compare(pairs, variables)
    if table.missing or table.misshapen or (exactly and table.left_over):
        raise UnsupportedCheckpointError(f"the variables are not those of this network: {table}")
    for pair in pairs:
        if pair.name in variables:
            value = pair.convert(variables[pair.name])
            value = value if equalized else value / pair.scale
            tf_variable(pair.weight).assign(np.asarray(value, np.float32, order="C"))
    return table


def _misfit(pair: Pair, value: np.ndarray) -> str | None:
    """What is wrong with the shape of a variable, or None."""
    expected = tuple(pair.weight.shape)
    try:
        shape = pair.convert(value).shape
    except ValueError:  # it has too few axes to be transposed
        shape = value.shape
    if shape == expected:
        return None
    return f"{pair.name} (its shape is {list(shape)} where {list(expected)} is needed)"
