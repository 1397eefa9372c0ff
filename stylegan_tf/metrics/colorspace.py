"""Images as the networks of metrics take them: always RGB."""

import tensorflow as tf

NOTES = {
    1: "grey images were repeated to three channels",
    4: "transparent parts were shown on white",
}


def in_rgb(images):
    """Returns images [N, H, W, C] as [N, H, W, 3]: grey is repeated, transparent becomes white.

    White is also what `stylegan-tf dataset create` puts behind them. Reals and fakes go the same
    way, so a metric does not see what hides where nothing is opaque.

    Args:
        images: uint8, or floats nominally in [-1, 1], which are not rounded.
    """
    channels = images.shape[-1]
    if channels == 1:
        return tf.repeat(images, 3, axis=-1)
    if channels != 4:
        return images
    if tf.as_dtype(images.dtype).is_floating:
        return on_white(images, -1.0, 1.0)
    return tf.cast(tf.round(on_white(tf.cast(images, tf.float32), 0.0, 255.0)), tf.uint8)


def on_white(images, low: float, high: float):
    """Returns floats [N, H, W, 4], all from `low` to `high`, as [N, H, W, 3] on white."""
    alpha = tf.clip_by_value((images[..., 3:] - low) / (high - low), 0.0, 1.0)
    return high + (images[..., :3] - high) * alpha


def notes_on(channels: int) -> tuple[str, ...]:
    """Returns what a reader of a number must know of the channels."""
    return (NOTES[channels],) if channels in NOTES else ()
