"""StyleGAN2 does not grow: its networks have one resolution, and no fade."""

import tensorflow as tf


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
