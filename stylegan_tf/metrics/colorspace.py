"""Pictures as the networks of metrics look at them: always in three colours."""

from stylegan_tf.images import to_rgb

NOTES = {
    1: "grey pictures were repeated to three channels",
    4: "transparent parts were shown on white",
}


def in_colour(pictures):
    """Pictures [N, H, W, C] → [N, H, W, 3]: grey is repeated, transparent parts become white.

    White is also what `stylegan-tf dataset create` puts behind them. Reals and fakes go the same
    way, so a metric does not see what hides where nothing is opaque.

    Args:
        pictures: uint8, or floats nominally in [-1, 1], which are not rounded.
    """
    return to_rgb(pictures)


def notes_on(channels: int) -> tuple[str, ...]:
    """What a reader of a number must know of the colours."""
    return (NOTES[channels],) if channels in NOTES else ()
