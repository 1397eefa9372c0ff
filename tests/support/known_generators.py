"""Generators whose images are simple functions of z, and networks that look at means."""

import numpy as np
import tensorflow as tf

from stylegan_tf.metrics.networks import FeatureNetwork

SIDE = 32
LATENT = 4


class Synthesis:
    """Images of w; the first noise image is added with a strength."""

    def __init__(self, images, side, strength):
        self.images, self.side, self.strength = images, side, strength

    def noise_shapes(self, resolution):
        return [(self.side, self.side)] if self.strength else []

    def __call__(self, w, noise, resolution, fade):
        result = self.images(w)
        return result if noise == "none" else result + self.strength * noise[0]


class Known:
    """What metrics ask of a generator.

    Args:
        mapping: of z and labels, gives w; None: w is z.
        images: of w [N, D], float [N, SIDE, SIDE, channels]; None: each number of w is a channel.
        strength: of the noise.
    """

    latent_size = LATENT

    def __init__(
        self, mapping=None, images=None, strength=0.0, label_size=0, channels=3, side=SIDE
    ):
        self.mapping = mapping or (lambda z, labels: z)
        self.channels = channels
        self.label_size = label_size
        self.grown_to = (side, 1.0)
        self.synthesis = Synthesis(images or self.flat_images, side, strength)

    def noise_shapes(self, resolution=None):
        return self.synthesis.noise_shapes(resolution or self.grown_to[0])

    def flat_images(self, w):
        """Images of one colour, a fifth of w in nominal units: clipped only beyond 5."""
        side, _ = self.grown_to
        colour = w[:, None, None, : self.channels] / 5
        return tf.broadcast_to(colour, [tf.shape(w)[0], side, side, self.channels])


def mean_rgb(name="rgb", classes=False) -> FeatureNetwork:
    """Features are the mean RGB, from 0 to 255; of three classes each is one channel."""

    def compute(images):
        means = tf.reduce_mean(tf.cast(images, tf.float32), axis=[1, 2])
        return means, tf.nn.softmax(means / 50) if classes else None

    return FeatureNetwork(name, "0" * 64, 3, 3 if classes else None, compute)


def squares(a, b):
    """A distance of images that is quadratic: the sum of squares of differences."""
    return tf.reduce_sum(tf.square(tf.cast(a, tf.float64) - tf.cast(b, tf.float64)), axis=[1, 2, 3])


def rgb_seen(z) -> np.ndarray:
    """What `mean_rgb` makes of the images of `Known()`, [N, 3], by definition."""
    return np.trunc(np.clip(np.asarray(z)[:, :3] / 5 * 127.5 + 128, 0, 255))
