"""Measures seconds per kimg of training at each stage, for D and G steps together.

    python benchmarks/train_step.py

prints the median over interleaved rounds, with R1, for small networks (feature maps 1024 / 64,
latents of 64; on a GPU for those of the paper), with the compiled ops and with plain TensorFlow in
their place. It also prints the machine's rate of float32 matrix products, for comparison with
other machines.
"""

import stylegan_tf  # noqa: I001, F401  first, since it makes TensorFlow use oneDNN

import os
import statistics
import time

import click
import numpy as np
import tensorflow as tf

from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics as names
from stylegan_tf.training.step import TrainStep

SIZES = {
    "data.resolution": 32,
    "generator.latent_size": 64,
    "generator.w_size": 64,
    "generator.mapping_units": 64,
    "generator.fmap_base": 1024,
    "generator.fmap_max": 64,
    "discriminator.fmap_base": 1024,
    "discriminator.fmap_max": 64,
}
STAGES = {8: 32, 16: 16, 32: 16}  # batch by resolution
# On a GPU: the published networks, and the published batches of one GPU.
GPU_SIZES = {"data.resolution": 256}
GPU_STAGES = {32: 64, 64: 32, 128: 16, 256: 8}
# Seconds per kimg of the published code on a machine of 330 GFLOP/s (float32 matrix products).
PUBLISHED = {8: 1.6, 16: 5.1, 32: 15.9}
PUBLISHED_RATE = 330


def matmul_rate() -> float:
    """Returns the GFLOP/s of a 2048³ float32 matrix product, the best of ten."""
    matrix = tf.random.normal([2048, 2048])
    product = tf.function(lambda: tf.matmul(matrix, matrix))
    seconds = [timed(lambda: product()[0, 0].numpy()) for _ in range(10)]
    return 2 * 2048**3 / min(seconds) / 1e9


def timed(call) -> float:
    """Returns the seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def make_call(step: TrainStep, resolution: int, batch: int, pairs: int):
    """Returns a function that takes `pairs` D and G steps on random images, half through a fade."""
    images = np.random.randint(0, 256, [4 * batch, resolution, resolution, 3], np.uint8)
    data = tf.data.Dataset.from_tensor_slices(images).repeat().batch(batch, drop_remainder=True)
    iterator = iter(data)
    return lambda: float(step(resolution, iterator, 0, 0.5, 0.99)["loss_d"])


def traced(implementation: str, networks: Networks, strategy, config: Config, stages):
    """Returns a call per stage, traced with the ops as compiled or as reference."""
    os.environ["STYLEGAN_TF_OPS"] = implementation  # read while a graph is traced
    step = TrainStep.of(strategy, networks, config)
    pairs = config.schedule.minibatch_repeats
    calls = {size: make_call(step, size, batch, pairs) for size, batch in stages.items()}
    for size, call in calls.items():
        click.echo(f"tracing {size}², {implementation}: {timed(call):.1f} s")
        call()
    return calls


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Timings of each stage.")
@click.option("--precision", default="float32", show_default=True)
def main(rounds, precision):
    """Measure the training step at 8², 16² and 32²."""
    gpu = bool(tf.config.list_physical_devices("GPU"))
    sizes, stages = (GPU_SIZES, GPU_STAGES) if gpu else (SIZES, STAGES)
    config = Config().replace({**sizes, "precision": precision})
    strategy = tf.distribute.OneDeviceStrategy("GPU:0" if gpu else "CPU:0")
    with strategy.scope():
        networks = Networks(config, channels=3, label_size=0, statistics=names(config.loss))
    calls = {
        name: traced(name, networks, strategy, config, stages) for name in ("auto", "reference")
    }
    pairs = config.schedule.minibatch_repeats
    seconds = {(name, size): [] for name in calls for size in stages}
    rates = []
    for _ in range(rounds):
        rates.append(matmul_rate())
        for name, size in seconds:
            call = calls[name][size]
            seconds[name, size].append(timed(call) * 1000 / (pairs * stages[size]))
    rate = statistics.median(rates)
    click.echo(f"matrix products: {rate:.0f} GFLOP/s")
    published = "" if gpu else "  published, at this rate  ratio"
    click.echo(f"stage  batch  s/kimg  plain TensorFlow  ratio{published}")
    for size, batch in stages.items():
        ours, plain = (statistics.median(seconds[name, size]) for name in calls)
        line = f"{size:>4}²  {batch:>5}  {ours:6.2f}  {plain:16.2f}  {plain / ours:5.2f}"
        if not gpu:
            theirs = PUBLISHED[size] * PUBLISHED_RATE / rate
            line += f"  {theirs:23.2f}  {theirs / ours:5.2f}"
        click.echo(line)


if __name__ == "__main__":
    main()
