"""Arithmetic of styles: one w per layer, truncation, mixing."""

import tensorflow as tf


def broadcast(w: tf.Tensor, layers: int) -> tf.Tensor:
    """Returns w [N, w_size] or [N, L, w_size] as [N, layers, w_size], the first layers of each.

    Raises:
        ValueError: if `w` has fewer than `layers` styles, or is of another rank.
    """
    w = tf.convert_to_tensor(w)
    if len(w.shape) == 2:
        return tf.repeat(w[:, None, :], layers, axis=1)
    if len(w.shape) == 3 and w.shape[1] >= layers:
        return w[:, :layers]
    raise ValueError(
        f"w is {tuple(w.shape)}; it must be [N, w_size] or [N, L, w_size] with L at least {layers}"
    )


def truncate(
    w: tf.Tensor, w_avg: tf.Tensor | tf.Variable, psi: float | tf.Tensor, cutoff: int | None = None
) -> tf.Tensor:
    """Moves styles towards the mean: `w_avg + ψ·(w - w_avg)` (paper, appendix B).

    Args:
        w: [N, L, w_size].
        w_avg: [w_size].
        psi: ψ, a float, or one for each image, [N]. 1 leaves `w` as it is.
        cutoff: int, how many of the first layers to truncate, or None for all.

    Returns:
        [N, L, w_size].
    """
    psi = tf.reshape(tf.cast(psi, w.dtype), [-1, 1, 1])
    if cutoff is not None:
        psi = tf.where(tf.range(w.shape[1])[None, :, None] < cutoff, psi, tf.ones_like(psi))
    return w_avg + psi * (w - w_avg)


def mix(w1: tf.Tensor, w2: tf.Tensor, crossover: int | tf.Tensor) -> tf.Tensor:
    """Returns styles of `w1` before layer `crossover`, of `w2` from there on (section 3.1).

    Args:
        w1: [N, L, w_size].
        w2: [N, L, w_size].
        crossover: int or int tensor, scalar or [N].

    Returns:
        [N, L, w_size].
    """
    crossover = tf.reshape(tf.cast(crossover, tf.int32), [-1, 1, 1])
    return tf.where(tf.range(w1.shape[1])[None, :, None] < crossover, w1, w2)
