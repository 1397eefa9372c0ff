"""Blending of the newest block into the network (Karras et al. 2017, figure 2)."""


def is_whole(fade) -> bool:
    """True where `fade` is the Python number 1, so that the old path need not be computed."""
    return isinstance(fade, (int, float)) and fade == 1


def blend(old, new, fade):
    """`old` at fade 0, `new` at fade 1, linear in between."""
    return old + (new - old) * fade
