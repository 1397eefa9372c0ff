"""Coarse, middle and fine: which layers the paper calls so."""

from stylegan_tf.models import sizes


def scales(resolution: int) -> dict[str, range]:
    """Returns the layers of each scale that the network has (paper, section 3.1).

    4² and 8² are coarse, 16² and 32² middle, and 64² to 1024² fine. Networks below 64² have nothing
    so fine: there their last resolution is, and the first half of the others is coarse.
    """
    levels = sizes.num_layers(resolution) // 2  # two layers to a resolution
    coarse = min(2, -(-levels // 3))
    fine = max(levels - 4, min(levels - 1, 1))
    bounds = [0, 2 * coarse, 2 * (levels - fine), 2 * levels]
    names = ("coarse", "middle", "fine")
    by_name = {name: range(*bounds[n : n + 2]) for n, name in enumerate(names)}
    return {name: layers for name, layers in by_name.items() if layers}


def span(layers: range) -> str:
    """Returns the resolutions of layers in words, such as "4x4 to 8x8"."""
    first, last = (4 << layer // 2 for layer in (layers[0], layers[-1]))
    return f"{first}x{first}" + (f" to {last}x{last}" if last > first else "")
