"""The labels of each latent, from what a caller gives."""

import tensorflow as tf

from stylegan_tf.models.shapes import check_shape


def of_latents(labels: tf.Tensor | None, z: tf.Tensor, size: int) -> tf.Tensor:
    """Returns labels as [N, size] float32; zeros for None.

    Args:
        labels: [N, size], or None.
        z: latents, [N, latent_size].
        size: of a label.

    Raises:
        ValueError: if they have another shape.
    """
    if labels is None:
        labels = tf.zeros([tf.shape(z)[0], size])
    labels = tf.cast(labels, tf.float32)
    check_shape("labels", labels, (z.shape[0] or "N", size))
    return labels
