"""Coarse, middle and fine: which layers the paper calls so."""

from collections.abc import Sequence


def scales(sides: Sequence[int]) -> dict[str, range]:
    """Returns the layers of each scale that the network has (paper, section 3.1).

    4² and 8² are coarse, 16² and 32² middle, and 64² to 1024² fine. Networks below 64² have nothing
    so fine: there their last resolution is, and the first half of the others is coarse.

    Args:
        sides: height and width at each layer, in order.
    """
    levels = sorted(set(sides))
    coarse = min(2, -(-len(levels) // 3))
    fine = max(len(levels) - 4, min(len(levels) - 1, 1))
    bounds = [0, coarse, len(levels) - fine, len(levels)]
    names = ("coarse", "middle", "fine")
    by_name = {name: levels[slice(*bounds[n : n + 2])] for n, name in enumerate(names)}
    return {name: _layers(sides, chosen) for name, chosen in by_name.items() if chosen}


def _layers(sides: Sequence[int], chosen: Sequence[int]) -> range:
    numbers = [number for number, side in enumerate(sides) if side in chosen]
    return range(numbers[0], numbers[-1] + 1)


def span(layers: range, sides: Sequence[int]) -> str:
    """Returns the resolutions of layers in words, such as "4x4 to 8x8"."""
    first, last = (sides[layer] for layer in (layers[0], layers[-1]))
    return f"{first}x{first}" + (f" to {last}x{last}" if last > first else "")
