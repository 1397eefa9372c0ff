"""A dataset in memory, of random images."""

import numpy as np
import tensorflow as tf

from stylegan_tf.datasets.input_shard import ALL

ENDLESS = 2**62


class RandomImages:
    """What `stylegan_tf.datasets.open` gives, but always in the same order."""

    def __init__(self, resolution=16, channels=3, label_size=0, num_images=24, path="images"):
        self.path = path
        self.resolution = resolution
        self.channels = channels
        self.label_size = label_size
        self.label_names = [f"kind {index}" for index in range(label_size)]
        self.num_images = num_images
        shape = [num_images, resolution, resolution, channels]
        self.images = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
        classes = np.arange(num_images) % max(label_size, 1)
        self.labels = np.eye(max(label_size, 1), dtype=np.float32)[classes]
        self.unused_folders = []

    def label_batches(self):
        """Yields the labels in two batches."""
        yield from np.array_split(self.labels, 2)

    def batches(
        self,
        resolution=None,
        batch_size=32,
        seed=0,
        start_image=0,
        mirror=False,
        share=ALL,
    ):
        """Returns endless uint8 [batch_size, r, r, channels], with labels if there are any."""
        images = tf.constant(self._reduced(resolution or self.resolution))
        numbers = share.of(tf.data.Dataset.range(start_image, ENDLESS), batch_size)
        stream = numbers.batch(batch_size, drop_remainder=True)

        def look_up(index):
            index %= self.num_images
            result = tf.gather(images, index)
            return (result, tf.gather(self.labels, index)) if self.label_size else result

        return stream.map(look_up)

    def _reduced(self, size: int) -> np.ndarray:
        """Returns all images, reduced by the means of squares of pixels."""
        n, full, _, channels = self.images.shape
        step = full // size
        squares = self.images.reshape(n, size, step, size, step, channels)
        return np.rint(squares.mean(axis=(2, 4))).astype(np.uint8)
