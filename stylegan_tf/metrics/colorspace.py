"""Pictures as the networks of metrics look at them: always in three colours."""

import tensorflow as tf

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
    channels = pictures.shape[-1]
    if channels == 1:
        return tf.repeat(pictures, 3, axis=-1)
    if channels != 4:
        return pictures
    if tf.as_dtype(pictures.dtype).is_floating:
        return on_white(pictures, -1.0, 1.0)
    return tf.cast(tf.round(on_white(tf.cast(pictures, tf.float32), 0.0, 255.0)), tf.uint8)


def on_white(pictures, low: float, high: float):
    """Floats [N, H, W, 4], where alpha and colours go from `low` to `high`, → [N, H, W, 3]."""
    alpha = tf.clip_by_value((pictures[..., 3:] - low) / (high - low), 0.0, 1.0)
    return high + (pictures[..., :3] - high) * alpha


def notes_on(channels: int) -> tuple[str, ...]:
    """What a reader of a number must know of the colours."""
    return (NOTES[channels],) if channels in NOTES else ()
