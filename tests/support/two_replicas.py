"""Trains on one or two CPU devices with given random numbers, and saves what came of it.

`python two_replicas.py COUNT OUT.npz PRECISION [xla]`: a program, since devices are made before
TensorFlow starts. The second of two replicas breaks D's gradients in one more step at the end.
"""

import sys

import keras
import numpy as np
import tensorflow as tf

import runs
from random_images import RandomImages
from stylegan_tf.backend_compat import tf_variable
from stylegan_tf.training.gan import GAN
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics
from stylegan_tf.training.random_inputs import RandomInputs, RandomStream
from stylegan_tf.training.step import TrainStep

SHARE = 4  # images on each of two replicas, one group of the minibatch standard deviation
# Adam's step is smooth in the gradient: with its usual epsilon it would be about its sign.
SETTINGS = {"optimizer": {"epsilon": 1.0, "beta_1": 0.5}, "schedule": {"learning_rate_base": 0.5}}
PAIRS = 2


def numbers(count: int, network: int) -> dict[str, np.ndarray]:
    """Random numbers of a whole batch of 8, in the order in which `count` replicas share it."""
    rng = np.random.default_rng(network)
    z, z_mix = rng.standard_normal([2, 2 * SHARE, 8], np.float32)
    shapes = [(4, 4), (4, 4), (8, 8), (8, 8)]
    noise = [rng.standard_normal([2 * SHARE, *shape, 1], np.float32) for shape in shapes]
    return {"z": z[order(count)], "z_mix": z_mix[order(count)]} | {
        f"noise{index}": one[order(count)] for index, one in enumerate(noise)
    }


def order(count: int) -> np.ndarray:
    """Groups are strided: images 0, 2, 4, 6 of one replica are the group that has a device."""
    groups = np.arange(2 * SHARE).reshape(2, SHARE)
    return groups.T.ravel() if count == 1 else groups.ravel()


class Given(GAN):
    """Takes each replica's share of the given numbers; breaks D's gradients on one if wished."""

    breaks = False

    def discriminator_gradients(self, inputs, reals, labels, fade, resolution, scale, *others):
        if self.breaks:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            scale *= tf.where(replica == 1, np.inf, 1.0)
        return super().discriminator_gradients(
            inputs, reals, labels, fade, resolution, scale, *others
        )

    def sample_inputs(self, step, network, batch, resolution):
        count = tf.distribute.get_strategy().num_replicas_in_sync
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        chosen = tf.range(batch) + replica * batch
        given = {key: tf.gather(one, chosen) for key, one in numbers(count, network).items()}
        return RandomInputs(
            z=given["z"],
            z_mix=given["z_mix"],
            crossover=tf.constant(3),
            noise=[given[f"noise{index}"] for index in range(4)],
            label_order=tf.range(batch),
            rng=RandomStream(tf.zeros([2], tf.int64)),
        )


def train(count: int, precision: str, xla: bool = False) -> dict[str, np.ndarray]:
    """Every variable on every replica by name, and the losses, after two pairs of steps.

    With two replicas and without XLA also what a broken step did.
    """
    devices = [f"CPU:{index}" for index in range(count)]
    strategy = tf.distribute.MirroredStrategy(
        devices, cross_device_ops=tf.distribute.ReductionToOneDevice()
    )
    config = runs.config(**SETTINGS, precision=precision)
    keras.utils.set_random_seed(0)
    with strategy.scope():
        networks = Networks(config, 3, 0, statistics(config.loss))
        optimizers = (networks.generator_optimizer, networks.discriminator_optimizer)
        gan = Given(networks.generator, networks.discriminator, config)
        scales = networks.loss_scales
        average = networks.generator_ema
        step = TrainStep(strategy, gan, average, *optimizers, 0.9, PAIRS, scales, xla=xla)
    networks.set_learning_rate(config.schedule.learning_rate_base)
    rng = np.random.default_rng(0)
    for model in (networks.generator, networks.discriminator):
        for variable in model.trainable_variables:
            raw = tf_variable(variable)
            deviation = np.std(raw.numpy()) or 0.1
            raw.assign(deviation * rng.standard_normal(raw.shape, np.float32))
    images = RandomImages(8).images[: 2 * SHARE][order(count)]
    data = tf.data.Dataset.from_tensor_slices(images).batch(2 * SHARE // count, drop_remainder=True)
    iterator = iter(strategy.distribute_datasets_from_function(lambda _: data.repeat()))
    stats = step(8, iterator, 0, 0.75, 0.5)
    result = {f"stats/{name}": np.array(value) for name, value in stats.items()}
    result |= everything(strategy, networks)
    if count == 2 and not xla:
        gan.breaks = True
        stats = step.pair(8, next(iterator), 2, tf.constant(0.75), 0.5)
        result["broken/skipped"] = np.array(stats["skipped"])
        after = everything(strategy, networks)
        result |= {f"broken/{name}": value for name, value in after.items()}
    return result


def everything(strategy, networks: Networks) -> dict[str, np.ndarray]:
    """Every variable on every replica, by name."""
    result = {}
    for letter in ("generator", "discriminator", "generator_ema"):
        for index, variable in enumerate(getattr(networks, letter).trainable_variables):
            result[f"{letter}/{index}"] = copies(strategy, variable)
    result["w_avg/learning"] = copies(strategy, networks.generator.w_avg)
    result["w_avg/generator_ema"] = copies(strategy, networks.generator_ema.w_avg)
    for letter, scale in networks.loss_scales.items():
        result[f"scale/{letter}/value"] = copies(strategy, scale.value)
        result[f"scale/{letter}/good_steps"] = copies(strategy, scale.good_steps)
    return result


def copies(strategy, variable) -> np.ndarray:
    """A variable on each replica, [replicas, …]."""
    result = strategy.experimental_local_results(tf_variable(variable))
    return np.stack([one.numpy() for one in result])


if __name__ == "__main__":
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    np.savez(sys.argv[2], **train(int(sys.argv[1]), sys.argv[3], "xla" in sys.argv))
