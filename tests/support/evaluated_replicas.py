"""Evaluates a network on one or two CPU devices, and saves what came of it.

`python evaluated_replicas.py COUNT OUT.npz`: a program, since devices are made before TensorFlow
starts. What is saved are features of generated and of real images, and a path length.
"""

import sys

import numpy as np
import tensorflow as tf

import stylegan_tf as sg
import tiny
from known_generators import squares
from stylegan_tf.metrics import perceptual_path_length
from stylegan_tf.metrics.reals import Reals
from stylegan_tf.metrics.sampling import Replicas, sampled

COUNT = 11  # of which the last batch of either has too few for all replicas
SHARE = 2


def evaluate(strategy) -> dict[str, np.ndarray]:
    """The first numbers of images; w; and a path length."""
    replicas = Replicas(strategy, SHARE)
    generator = tiny.generator(resolution=32, label_size=3)
    labels = np.eye(3, dtype=np.float32)[np.arange(COUNT) % 3]
    own = replicas.at_hand(generator)
    traced = []

    def look(images, z, w):
        traced.append(len(traced))
        return tf.cast(images[:, ::8, ::8], tf.float32), w

    result = [*sampled(own, look, COUNT, replicas, labels)]
    images, w = (np.concatenate(parts) for parts in zip(*result, strict=True))
    reals = Reals(sg.datasets.open(sg.datasets.bundled()), 8).batches(COUNT, replicas.size)
    batches = replicas.compute(lambda one: (tf.cast(one, tf.float32),), reals)
    length = perceptual_path_length(
        generator, "w", "full", 7, labels=labels, batch=4, strategy=strategy, perceptual=squares
    )
    return {
        "images": images,
        "w": w,
        "reals": np.concatenate([part for (part,) in batches]),
        "length": length,
        "traces": len(traced),
    }


if __name__ == "__main__":
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    devices = [f"CPU:{index}" for index in range(int(sys.argv[1]))]
    np.savez(sys.argv[2], **evaluate(tf.distribute.MirroredStrategy(devices)))
