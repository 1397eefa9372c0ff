"""Resolutions and feature maps of the pyramid (Karras et al. 2017, table 2)."""

MIN_RESOLUTION, MAX_RESOLUTION = 4, 1024
CHANNELS = (1, 3, 4)


def log2_resolution(
    resolution: int, largest: int = MAX_RESOLUTION, name: str = "resolution"
) -> int:
    """Returns log2 of a power of two from 4 to `largest`.

    Raises:
        ValueError: naming the allowed values nearest to a wrong one.
    """
    allowed = [2**n for n in range(2, largest.bit_length())]
    if resolution in allowed:
        return int(resolution).bit_length() - 1
    near = sorted(sorted(allowed, key=lambda size: abs(size - resolution))[:2])
    raise ValueError(
        f"{name} is {resolution}; it must be a power of two from {allowed[0]} to {allowed[-1]}, "
        f"such as {' or '.join(map(str, near))}"
    )


def check_channels(channels: int) -> None:
    """Raises ValueError for a number of channels other than 1, 3 and 4."""
    if channels not in CHANNELS:
        raise ValueError(f"channels is {channels}; it can be 1 (grey), 3 (RGB) or 4 (RGBA)")


def num_layers(resolution: int) -> int:
    """Returns L, the number of layers with a style each, up to a resolution."""
    return 2 * log2_resolution(resolution) - 2


def feature_maps(stage: int, base: int, decay: float, largest: int) -> int:
    """Returns the feature maps of a stage; the block of 2^r uses the stages r - 1 and r - 2.

    Raises:
        ValueError: if there would be none.
    """
    maps = min(int(base / 2 ** (stage * decay)), largest)
    if maps < 1:
        raise ValueError(
            f"fmap_base is {base}, fmap_decay {decay} and fmap_max {largest}; that leaves "
            f"{2 ** (stage + 1)}×{2 ** (stage + 1)} without feature maps"
        )
    return maps
