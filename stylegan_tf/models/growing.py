"""Growing: how far it has come, and blending the newest block in (Karras et al. 2017, figure 2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf


def is_whole(fade: float | tf.Tensor) -> bool:
    """Returns whether `fade` is the Python number 1: then the old path need not be computed."""
    return isinstance(fade, (int, float)) and fade == 1


def blend(old: tf.Tensor, new: tf.Tensor, fade: float | tf.Tensor) -> tf.Tensor:
    """Returns `old` at fade 0, `new` at fade 1, and what is linear in between."""
    return old + (new - old) * fade


def check_whole(network: str, full: int, resolution: int | None, fade: float | tf.Tensor) -> None:
    """Refuses another resolution than the full one, and a fade other than 1.

    A fade that is a tensor, as training has it, must be 1 and is not looked at.

    Args:
        network: what a message calls it.
        full: its resolution.
        resolution: of a call; None is the full one.
        fade: of a call.

    Raises:
        ValueError: if the network would have to grow.
    """
    if resolution not in (None, full):
        raise ValueError(
            f"resolution is {resolution}; {network} does not grow and has {full} only "
            f"(when it trains: --set schedule.start_resolution={full})"
        )
    if isinstance(fade, (int, float)) and fade != 1:
        raise ValueError(f"fade is {fade}; {network} does not grow, and has a fade of 1 only")


def grown_to(grown: float | None, resolution: int) -> tuple[int, float]:
    """Returns the resolution of the images, and the fade of the newest block.

    Args:
        grown: log2 of a resolution, a fraction while the next one fades in; None: to the end.
        resolution: the full one.
    """
    if grown is None:
        return resolution, 1.0
    level = math.ceil(grown)
    return 2**level, grown - level + 1


def resolutions_added(kimg: float, levels: int, stable_kimg: float, fade_kimg: float) -> float:
    """Returns how many resolutions training has added: 1.25 is a quarter through the second fade.

    Args:
        kimg: real images shown so far, in thousands.
        levels: how many resolutions there are above the first.
        stable_kimg: how long a resolution is stable.
        fade_kimg: how long one fades in.
    """
    if not levels:
        return 0.0
    phase, rest = divmod(kimg, stable_kimg + fade_kimg)
    if fade_kimg > 0:
        phase += max(rest - stable_kimg, 0.0) / fade_kimg
    return min(phase, float(levels))
