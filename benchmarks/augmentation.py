"""Measures how much longer a training step takes with each augmentation.

    python benchmarks/augmentation.py

prints the median over interleaved rounds of D and G steps without augmentation and with each, for
the small networks of benchmarks/train_step.py (on a GPU for those of the paper), and the ratios.
"""

import stylegan_tf  # noqa: I001, F401  first, since it makes TensorFlow use oneDNN

import statistics

import click
import tensorflow as tf
from train_step import GPU_SIZES, SIZES, make_call, timed

from stylegan_tf.training.config import Config
from stylegan_tf.training.networks import Networks
from stylegan_tf.training.objective import statistics as names
from stylegan_tf.training.step import TrainStep

AUGMENTATIONS = {
    "none": {"name": "none"},
    "diffaug": {"name": "diffaug"},
    "ada, p 0": {"name": "ada"},
    "ada, p 0.2": {"name": "ada", "options": {"p": 0.2, "kimg": 1e9}},
    "ada, p 0.8": {"name": "ada", "options": {"p": 0.8, "kimg": 1e9}},
    "bgcfnc, p 0.8": {"name": "fixed", "options": {"p": 0.8, "transforms": "bgcfnc"}},
}
STAGES = {32: 16, 64: 16}  # batch by resolution
GPU_STAGES = {64: 32, 256: 8}


def traced(augmentation: str, sizes: dict, resolution: int, batch: int):
    """Returns a call of the training step with an augmentation."""
    config = Config().replace({**sizes, "data.resolution": resolution})
    options = {f"augment.{key}": value for key, value in AUGMENTATIONS[augmentation].items()}
    config = config.replace(options)
    gpu = bool(tf.config.list_physical_devices("GPU"))
    strategy = tf.distribute.OneDeviceStrategy("GPU:0" if gpu else "CPU:0")
    with strategy.scope():
        networks = Networks(config, channels=3, label_size=0, statistics=names(config.loss))
        step = TrainStep.of(strategy, networks, config)
    call = make_call(step, resolution, batch, config.schedule.minibatch_repeats)
    seconds = timed(call)
    click.echo(f"tracing {resolution}², {augmentation}: {seconds:.1f} s")
    call()
    return call


@click.command()
@click.option("--rounds", default=7, show_default=True, help="Timings of each.")
@click.option("--resolution", type=int, help="Only this one. [all]")
def main(rounds, resolution):
    """Measure the training step with each augmentation."""
    gpu = bool(tf.config.list_physical_devices("GPU"))
    sizes, stages = (GPU_SIZES, GPU_STAGES) if gpu else (SIZES, STAGES)
    for size, batch in stages.items():
        if resolution in (None, size):
            measure(sizes, size, batch, rounds)


def measure(sizes: dict, resolution: int, batch: int, rounds: int) -> None:
    """Prints a table for a resolution."""
    calls = {name: traced(name, sizes, resolution, batch) for name in AUGMENTATIONS}
    seconds = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            seconds[name].append(timed(call))
    pairs = Config().schedule.minibatch_repeats
    without = statistics.median(seconds["none"])
    click.echo(f"{resolution}², batch {batch}      ms a step of D and G    ratio")
    for name, times in seconds.items():
        median = statistics.median(times)
        click.echo(f"{name:<15} {1000 * median / pairs:24.1f} {median / without:8.3f}")


if __name__ == "__main__":
    main()
