"""Trains a DCGAN on two CPU devices for a step, and saves its moving averages and moments.

`python two_replicas_dcgan.py OUT.npz`: a program, since devices are made before TensorFlow starts.
"""

import sys

import numpy as np
import tensorflow as tf

import runs
from random_images import RandomImages
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.training import random_inputs
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.step import TrainStep

SETTINGS = {
    "generator": {
        "architecture": "dcgan",
        "w_size": 512,
        "mapping_units": 512,
        "mapping_layers": None,
    },
    "schedule": {"w_avg_beta": 0.75, "minibatch_repeats": 1},
}
NUMBER = 7  # of the step


def train() -> dict[str, np.ndarray]:
    """The first layer before the step, z of both turns and replicas, all moving averages after."""
    devices = ["CPU:0", "CPU:1"]
    strategy = tf.distribute.MirroredStrategy(
        devices, cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    config = runs.config(**SETTINGS)
    with strategy.scope():
        networks = Networks(config, 3, 0, statistics(config.loss))
        step = TrainStep.of(strategy, networks, config)
    networks.set_learning_rate(0.002)
    result = {"kernel": np.array(networks.generator.synthesis.dense.kernel)}
    for turn in (random_inputs.D_STEP, random_inputs.G_STEP):
        z = strategy.run(lambda turn=turn: step.gan.sample_inputs(NUMBER, turn, 4, 8).z)
        result[f"z{turn}"] = np.stack(strategy.experimental_local_results(z))
    images = tf.data.Dataset.from_tensor_slices(RandomImages(8).images[:8]).batch(4, True)
    iterator = iter(strategy.distribute_datasets_from_function(lambda _: images.repeat()))
    stats = step(8, iterator, NUMBER, 1.0, 0.5)
    result["skipped"] = np.array(stats["skipped"])
    for name in ("generator", "generator_ema"):
        for index, average in enumerate(getattr(networks, name).moving_averages):
            copies = strategy.experimental_local_results(tf_variable(average))
            result[f"{name}/{index}"] = np.stack([one.numpy() for one in copies])
    return result


if __name__ == "__main__":
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    np.savez(sys.argv[1], **train())
