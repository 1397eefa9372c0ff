"""Noise inputs that are optimized and stay noise (Karras et al. 2019b, appendix D)."""

from collections.abc import Sequence

import tensorflow as tf

SMALLEST = 8  # the side at which the pyramid ends


def regularization(images: Sequence[tf.Variable]) -> tf.Tensor:
    """Returns the sum of the squared correlations of neighbouring pixels, at all scales.

    Without it the image itself would move into the noise. Means of 2×2 pixels are doubled, so
    that true noise keeps its variance at every scale.

    Args:
        images: noise of each layer, a list of [1, h, w, 1].

    Returns:
        float32 scalar.
    """
    terms = [tf.constant(0.0)]
    for image in images:
        while True:
            for axis in (1, 2):
                neighbours = tf.roll(image, shift=1, axis=axis)  # around the edges
                terms.append(tf.square(tf.reduce_mean(image * neighbours)))
            if image.shape[1] <= SMALLEST:
                break
            image = 2 * tf.nn.avg_pool2d(image, 2, 2, "VALID")
    return tf.add_n(terms)


def renormalize(images: Sequence[tf.Variable]) -> None:
    """Gives each variable of noise mean 0 and variance 1 again."""
    for image in images:
        mean, variance = tf.nn.moments(tf.convert_to_tensor(image), axes=[0, 1, 2, 3])
        image.assign((image - mean) * tf.math.rsqrt(variance + 1e-8))
