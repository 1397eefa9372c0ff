"""Resolutions: the powers of two that the networks have."""

from .errors import DatasetError

RESOLUTIONS = [2**n for n in range(2, 11)]  # 4 … 1024


def check_resolution(resolution: int, largest: int = RESOLUTIONS[-1]) -> int:
    """Returns `resolution`, or raises DatasetError with the nearest ones that would do."""
    allowed = [r for r in RESOLUTIONS if r <= largest]
    if resolution in allowed:
        return int(resolution)
    below = [r for r in allowed if r < resolution][-1:]
    above = [r for r in allowed if r > resolution][:1]
    raise DatasetError(
        f"resolution {resolution} is not a power of two from 4 to {largest}: "
        f"take {' or '.join(str(r) for r in below + above)}"
    )


def largest_within(size: int) -> int:
    """Returns the largest resolution that an image of `size` pixels fills; 4 for a smaller one."""
    return max((r for r in RESOLUTIONS if r <= size), default=RESOLUTIONS[0])
