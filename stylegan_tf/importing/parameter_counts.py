"""How many numbers the weights of a network hold, from its arguments.

Files from strangers choose these arguments. The importer counts before it allocates, so that a file
of 200 bytes cannot make it allocate the weights of a network of 100 GB.
"""

import itertools

from stylegan_tf.models.architectures import get_architecture
from stylegan_tf.models.sizes import feature_maps, log2_resolution

WITHOUT_WEIGHTS = {
    "mapping_lr_multiplier",
    "grown",
    "label_names",
    "class_counts",
    "label_samples",
    "licence",
}


def generator(
    resolution: int,
    channels: int,
    label_size: int = 0,
    latent_size: int = 512,
    w_size: int = 512,
    fmap_base: int = 8192,
    fmap_decay: float = 1.0,
    fmap_max: int = 512,
    mapping_layers: int | None = None,
    mapping_units: int = 512,
    architecture: str = "f",
    **without_weights: object,
) -> int:
    """Returns the number of elements in all weights of a `Generator`, w_avg and noise included."""
    _check(without_weights, WITHOUT_WEIGHTS)
    switches = get_architecture(architecture)
    if mapping_layers is None:
        mapping_layers = 8 if switches.mapping else 0
    widths = [latent_size * (2 if label_size else 1)]
    if mapping_layers:
        widths += [mapping_units] * (mapping_layers - 1) + [w_size]
    total = label_size * latent_size if label_size else 0
    total += sum(_affine(fan_in, units) for fan_in, units in itertools.pairwise(widths))
    w_size = widths[-1]
    total += w_size  # the mean of w
    before = 0
    for level in range(2, log2_resolution(resolution) + 1):
        maps = feature_maps(level - 1, fmap_base, fmap_decay, fmap_max)
        if level == 2:
            total += 16 * maps * (1 if switches.constant else w_size)
        else:
            total += 9 * before * maps
        total += 9 * maps * maps
        layer = maps  # its bias
        if switches.noise:
            layer += maps + 4**level
        if switches.styles:
            layer += _affine(w_size, 2 * maps)
        total += 2 * layer + _affine(maps, channels)
        before = maps
    return total


def discriminator(
    resolution: int,
    channels: int,
    label_size: int = 0,
    fmap_base: int = 8192,
    fmap_decay: float = 1.0,
    fmap_max: int = 512,
    mbstd_group_size: int = 4,
    mbstd_num_features: int = 1,
    **without_weights: object,
) -> int:
    """Returns the number of elements in all weights of a `Discriminator`."""
    _check(without_weights, {"architecture", "pool_first", "grown"})
    top = log2_resolution(resolution)
    hidden, *maps = (feature_maps(stage, fmap_base, fmap_decay, fmap_max) for stage in range(top))
    total = sum(_affine(channels, count) for count in maps)
    for out, count in itertools.pairwise(maps):
        total += _affine(9 * count, count) + _affine(9 * count, out)
    statistics = mbstd_num_features if mbstd_group_size > 1 else 0
    total += _affine(9 * (maps[0] + statistics), maps[0])
    return total + _affine(16 * maps[0], hidden) + _affine(hidden, max(label_size, 1))


def _check(arguments: dict[str, object], known: set[str]) -> None:
    """Raises TypeError for an argument that might have weights which are not counted here."""
    if unknown := set(arguments) - known:
        raise TypeError(f"the weights of {', '.join(sorted(unknown))} are not counted")


def _affine(fan_in: int, units: int) -> int:
    """The elements of a weight [fan_in, units] and its bias [units]."""
    return (fan_in + 1) * units
